"""Asynchronous generators, comprehensions and context managers."""
import asyncio
import contextlib


async def numbers(n, log):
    try:
        for i in range(n):
            await asyncio.sleep(0)
            yield [i]
    finally:
        log.append("closed")


@contextlib.asynccontextmanager
async def opened(log):
    log.append("open")
    try:
        yield log
    finally:
        log.append("shut")


async def main():
    log = []
    async for value in numbers(3, log):
        value.append("seen")
        log.append(value)
        if value[0] == 1:
            break
    squares = [v[0] ** 2 async for v in numbers(3, log) if v[0]]
    async with opened(log) as same:
        same.append("in")
    agen = numbers(2, log)
    await agen.__anext__()
    await agen.aclose()
    try:
        async with opened(log):
            raise KeyError("k")
    except KeyError:
        log.append("key")
    return squares, log


print(asyncio.run(main()))
