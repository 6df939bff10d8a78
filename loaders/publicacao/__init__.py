"""What people read: the published version of the star schema and the marts, by area.

`lastro publish` copies what the last build left, if all tests passed on exactly that, and switches
to the copy in one step. Each engine does it in a module of its own; what may be published, to whom,
and what a version says of itself is the same for both.
"""
