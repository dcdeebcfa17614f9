"""The rules: each says in words what one kind of expression does to a value.

One rule, one module, one public function; the first that knows an expression counts.
"""

from crossdock.mapping.reading import Rule
from crossdock.mapping.rules.arithmetic import arithmetic
from crossdock.mapping.rules.cast import cast
from crossdock.mapping.rules.choice import choice
from crossdock.mapping.rules.chosen_row import chosen_row
from crossdock.mapping.rules.comparison import comparison
from crossdock.mapping.rules.concatenation import concatenation
from crossdock.mapping.rules.counted import counted
from crossdock.mapping.rules.extreme import extreme
from crossdock.mapping.rules.first_filled import first_filled
from crossdock.mapping.rules.gathered import gathered
from crossdock.mapping.rules.identifier import identifier
from crossdock.mapping.rules.letters import letters
from crossdock.mapping.rules.nothing import nothing
from crossdock.mapping.rules.part_of_text import part_of_text
from crossdock.mapping.rules.position import position
from crossdock.mapping.rules.prefix import prefix
from crossdock.mapping.rules.replaced import replaced
from crossdock.mapping.rules.time_text import time_text
from crossdock.mapping.rules.total import total
from crossdock.mapping.rules.trimmed import trimmed

RULES: tuple[Rule, ...] = (
    identifier,
    counted,
    cast,
    letters,
    trimmed,
    nothing,
    first_filled,
    choice,
    prefix,
    concatenation,
    gathered,
    total,
    extreme,
    chosen_row,
    position,
    time_text,
    part_of_text,
    replaced,
    comparison,
    arithmetic,
)
