"""Tasks that take turns, fail, are cancelled and time out."""
import asyncio


async def work(name, n, log):
    held = []
    for i in range(n):
        held.append(i)
        log.append((name, i))
        await asyncio.sleep(0)
    return held


async def fails(log):
    await asyncio.sleep(0)
    log.append("fails")
    raise ValueError("task")


async def waits(log):
    try:
        await asyncio.sleep(100)
    except asyncio.CancelledError:
        log.append("cancelled")
        raise
    finally:
        log.append("finally")


async def main():
    log = []
    done = await asyncio.gather(work("a", 2, log), work("b", 3, log), fails(log), return_exceptions=True)
    task = asyncio.create_task(waits(log))
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        log.append("seen")
    async with asyncio.timeout(5):
        extra = await work("c", 1, log)
    return [str(d) for d in done], extra, log


result = asyncio.run(main())
print(result)
