"""The style sheet of the HTML report."""

from __future__ import annotations

__all__ = ["STYLE"]

STYLE = """
:root{color-scheme:light dark;--ink:#1c2330;--paper:#fff;--soft:#5b6675;--line:#d9dee6;--good:#176b3a;--bad:#a4261d;
--mark:#fff1a8;--box:#f5f7fa;--link:#1f5fa8}
@media(prefers-color-scheme:dark){:root{--ink:#e4e8ee;--paper:#14181e;--soft:#9aa5b3;--line:#333c48;--good:#6fcf97;
--bad:#ff8a80;--mark:#5c4d00;--box:#1c222b;--link:#8ab8f0}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:62rem;padding:1.5rem;font:16px/1.55 system-ui,sans-serif;color:var(--ink);
background:var(--paper);overflow-wrap:anywhere}
a{color:var(--link)}
h1{font-size:1.6rem;margin:.2rem 0}h2{margin:2.2rem 0 .3rem;border-top:2px solid var(--line);padding-top:1rem}
h3{font-size:1rem;margin:1.2rem 0 .4rem}
ul{padding-left:1.3rem;margin:.5rem 0}li{margin:.15rem 0}
.good{color:var(--good)}.bad{color:var(--bad)}.verdict{font-weight:600}
.gates .good{color:inherit}.gates .good::marker{color:var(--good)}.gates .bad{font-weight:600}
.scroll{overflow-x:auto}
table{border-collapse:collapse;margin:.6rem 0;font-variant-numeric:tabular-nums}
th,td{padding:.2rem .8rem;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
th:first-child,td:first-child{text-align:left;padding-left:0}
details{border:1px solid var(--line);border-radius:6px;margin:.5rem 0;padding:.4rem .8rem}
.sentence details,details.papers{border:0;padding:0;margin:.3rem 0;font-size:.9rem}
details.papers{font-size:inherit}.sentence summary,.papers>summary{color:var(--soft)}
summary{cursor:pointer}summary .id{color:var(--soft);margin-right:.3rem}
.line{margin:.4rem 0}
.paper{background:var(--box);border-radius:6px;padding:.5rem .8rem;margin:.5rem 0}
.paper .role{color:var(--soft);font-size:.85rem}.paper p{margin:.3rem 0}
:target{outline:2px solid var(--link);outline-offset:2px}
mark{background:var(--mark);color:inherit;padding:0 .1em}
.sentence{margin:.6rem 0;padding-left:.8rem;border-left:3px solid var(--line)}
.sentence.good{border-color:var(--good);color:inherit}.sentence.bad{border-color:var(--bad);color:inherit}
.tag{font-size:.75rem;font-weight:600;letter-spacing:.03em;white-space:nowrap}
.checks{margin:.2rem 0;padding-left:1.2rem;font-size:.9rem}
.keys{color:var(--soft);font-size:.85rem}
@media(max-width:40rem){body{padding:1rem .8rem}th,td{padding:.2rem .45rem;font-size:.9rem}details{padding:.4rem .5rem}}
""".strip()
