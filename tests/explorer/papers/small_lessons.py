"""Small scenarios with a lesson and questions: one that is friendly, one that a stranger made."""

from __future__ import annotations

from typing import Final

MACHINE: Final = """
[machine]
memory = "4 MiB"
topology = "1x1x1"
"""

LESSON: Final = f"""format = 1
title = "A small lesson"
level = "beginner"
teaches = "What a page is."
covers = ["`vm_page_alloc()`"]
[parameters]
n = [2, 3]
{MACHINE}
[[object]]
name = "heap"
[[thread]]
name = "app"
cpu = 0
script = \"\"\"
# Take {{n}} pages.
m = vm_page_alloc(heap, n, VM_ALLOC_NORMAL)
vm_page_activate(m)  #@activate
vm_page_wakeup(m)  #@release
\"\"\"
[[page]]
say = "It *begins* [here](panel:centre)."
do = "over"
[[page]]
at = "app:@activate"
say = "The page is `busy`."
look = ["app.m.busy_count"]
[[page]]
say = "It has index {{n}}."
[[page]]
at = "when count(FREE) == 0"
say = "Never."
[[page]]
at = "end"
say = "The end."
[[question]]
id = "where"
asked = "start"
before = "app:@activate"
ask = "Which `pindex`?"
choices = ["n - 1", "n", "n + 1"]
answer = "n"
value = "app.m.pindex"
why = "It was **asked** for it."
[[question]]
id = "busy"
asked = "app:@activate"
stays = true
before = "app:@release"
ask = "What is busy_count?"
answer = "PBUSY_LOCKED"
value = "app.m.busy_count"
why = "No thread has released it."
[[question]]
asked = "app:@release"
after = "app:@release"
ask = "And after that?"
choices = ["0", "PBUSY_LOCKED"]
answer = "0"
value = "app.m.busy_count"
why = "It is released."
"""
"""Questions with choices that depend on a parameter, without choices, and at a moment without a page."""

BAD: Final = "<script>alert(1)</script>"

HOSTILE: Final = f"""format = 1
title = "{BAD} & \\u001b[31m \\u202e"
teaches = "{BAD} <b>x</b>"
covers = ["{BAD}\\u0007"]
{MACHINE}
[[object]]
name = "heap"
[[thread]]
name = "app"
cpu = 0
script = \"\"\"
# </pre>{BAD} ``` <!--
m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
vm_page_wakeup(m)  #@release
\"\"\"
[[page]]
say = '''{BAD} ![x](lens:life) `</code>{BAD}` <http://example.com> <img src="http://example.com/x.png">

<div onclick="alert(1)">

```
</pre>{BAD}
```
'''
[[question]]
id = "bad"
asked = "start"
before = "app:@release"
ask = "{BAD} [x](javascript:alert%281%29) ![y](http://example.com/y.png)?"
choices = ["PQ_NONE", "PQ_FREE | 0"]
answer = "PQ_NONE"
value = "queue_of(app.m)"
why = "]]> {BAD} <a href='http://example.com'>x</a> \\u0001"
"""
"""Markup and control characters wherever a file can have a text."""
