"""A secret too short to be searched for in other texts is still kept out of wherever its own name stands."""

import cotrace

SHORT = "enodbzk"


def opened(initial_password, user):
    passwd = initial_password
    held = {"password": passwd, "user": user}
    return len(held["password"]) + len(user)


def test_the_expressions_that_read_it_tell_its_name_only():
    trace = cotrace.trace(opened, SHORT, user="ada")

    told = {trace.text_of(entry): entry.value for entry in trace.entries}
    assert told["passwd"].text == "<redacted passwd>"
    assert told['held["password"]'].text == "<redacted password>"
    assert told["user"].text == "'ada'"


def test_nothing_of_the_trace_holds_it():
    trace = cotrace.trace(opened, SHORT, user="ada")

    assert trace.call == "opened(<redacted initial_password>, user='ada')"
    assert SHORT not in f"{trace.call} {trace.steps} {trace.entries} {trace.frames} {trace.final}"
