"""What pytest prints when it ends: what became of the programs of the corpora."""

from collections import Counter


def pytest_terminal_summary(terminalreporter):
    rows = [
        row
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, row in getattr(report, "user_properties", ())
        if name == "corpora" and report.when == "call"
    ]
    if rows:
        terminalreporter.section("programs of the corpora")
        for verdict, count in sorted(Counter(verdict for verdict, _, _ in rows).items()):
            terminalreporter.line(f"{count:6} {verdict}")
        steps, compared = (sum(row[place] for row in rows) for place in (1, 2))
        terminalreporter.line(f"{steps:,} steps recorded, {compared:,} of them compared with the oracle")
