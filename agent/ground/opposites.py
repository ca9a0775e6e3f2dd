"""Words that say the opposite of one another, and prefixes that turn a word round."""

from __future__ import annotations

from functools import lru_cache

from agent.ground.words import stem

__all__ = ["opposites_of", "signed_stem"]

_PAIRS = """
faster/quicker/faster/speedier/rapid/fast/quick/quickly/rapidly : slower/slow/slowly/sluggish
more/additional : fewer/less
higher/high : lower/low
larger/bigger/large/big/greater : smaller/small/tiny
better/superior : worse/inferior/poorer
best/strongest : worst/weakest
stronger/strong : weaker/weak
longer/long : shorter/short
top/upper/topmost : bottom/lowermost
increase/increases/increased/increasing/raise/raises/raised/raising/grow/grows/growing/rise/rises/rising/boost/boosts/boosting/enlarge/enlarges/amplify/amplifies : decrease/decreases/decreased/decreasing/reduce/reduces/reduced/reducing/reduction/lower/lowers/lowered/lowering/shrink/shrinks/shrinking/cut/cuts/cutting/drop/drops/decline/declines/diminish/diminishes/lessen/lessens/minimize/minimizes/minimizing
accelerate/accelerates/accelerated/accelerating/speedup/acceleration : decelerate/decelerates/slowdown/slow/slows
improve/improves/improved/improving/improvement/enhance/enhances/enhanced/enhancing/enhancement : worsen/worsens/degrade/degrades/degraded/degrading/deteriorate/deteriorates/harm/harms/hurt/hurts/impair/impairs
gain/gains : loss/losses/lose/loses
outperform/outperforms/surpass/surpasses/beat/beats/exceed/exceeds/lead/leads : trail/trails/underperform/underperforms/lag/lags
first/earliest : last/final/latest
early/earlier : late/later
before : after
forward : backward
online : offline
input : output
encoder/encoding/encode/encodes : decoder/decoding/decode/decodes
deep/deeper : shallow/shallower
dense : sparse
wide/wider : narrow/narrower
linear : quadratic
local : global
static : dynamic
discrete : continuous
explicit/explicitly : implicit/implicitly
supervised : unsupervised
positive : negative
maximum/maximize/maximizes/maximal : minimum/minimize/minimizes/minimal
majority/most : minority
many : few
always : never/rarely
often/frequently : rarely/seldom
easy/easier/simple/simpler : hard/harder/difficult/complex
cheap/cheaper/inexpensive : expensive/costly
with/including/includes : without/excluding/excludes
include : exclude
enable/enables/allow/allows/permit/permits : prevent/prevents/prohibit/prohibits/forbid/forbids
accept/accepts/accepted : reject/rejects/rejected
keep/keeps/retain/retains/preserve/preserves/maintain/maintains : discard/discards/destroy/destroys/lose/loses
support/supports : oppose/opposes
succeed/succeeds/success : fail/fails/failure
strength/strengths : weakness/weaknesses
scarce/insufficient/limited : abundant/plentiful/sufficient/ample
specialized/specific : general/generic
homogeneous : heterogeneous
synchronous : asynchronous
sequential/sequentially : parallel
add/adds/adding : remove/removes/removing/eliminate/eliminates
upper : lower
teacher/teachers : student/students
hot : cold
useful/helpful/beneficial : useless/wasted/wasteful/harmful
upstream : downstream
horizontal : vertical
ascending : descending
lossless : lossy
mild/slight/slightly/marginal/marginally : dramatic/dramatically/drastic/drastically
centralized : decentralized
convex : concave
lightweight/light : heavy/heavyweight
lighter : heavier
accelerate/accelerates/hasten/expedite/quicken : delay/delays/hinder/hinders/impede/impedes/retard
increase/rise/grow/growth/expand/expansion/widen/elevate/escalate/climb/surge : shrink/shrinkage/contract/narrow/fall/falls/fell/dwindle/drop/decline/decrease/shorten/halve
improve/boost/enhance/strengthen/benefit/help/helps/aid : hurt/harm/impair/weaken/worsen/degrade/degradation/deteriorate/deterioration/undermine/compromise/hamper
surpass/exceed/outperform/outpace/outstrip/beat : trail/lag/underperform/lose
win/wins/won : lose/loses/lost
expose/exposes/reveal/reveals : hide/hides/conceal/conceals/mask
simplify/simplifies/ease/eases : complicate/complicates
stable/steady : volatile/fluctuating/erratic
succeed/success/successful/successfully : fail/failure
strict/tight/tighter : loose/looser/lax
possible/feasible/tractable : impossible/infeasible/intractable
attract/attracts : repel/repels
agree/agrees/agreement : disagree/disagreement/contradict
confirm/confirms : refute/refutes/disprove
close/closer/near/nearer : far/farther/further/distant
freeze/frozen/fixed : trainable/learnable
clean : noisy/corrupted
simple/easy : complicated/intricate/difficult
sufficient/enough/adequate/suffice : insufficient/inadequate
abundant/plentiful : scarce
robust/resilient : fragile/brittle/vulnerable
accurate/precise : inaccurate/imprecise/erroneous
optimistic : pessimistic
overestimate/overestimates : underestimate/underestimates
overfit/overfitting : underfit/underfitting
converge/converges/convergence : diverge/diverges/divergence
concentrated/centralised : dispersed/scattered/distributed
monotonic : nonmonotonic
public/open : private/proprietary/closed
visible : hidden/invisible
active : passive/inactive/idle
beginning/start/begin/starts : end/ending/ends
minor/modest/small/marginal : major/substantial/considerable
joint/jointly : separately
temporary : permanent
uniform/uniformly : nonuniform/unevenly
coarse/coarser : fine/finer
"""


def _table() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in _PAIRS.strip().splitlines():
        left, right = ([stem(w) for w in side.strip().split("/")] for side in row.split(":"))
        for a in left:
            found.setdefault(a, set()).update(right)
        for b in right:
            found.setdefault(b, set()).update(left)
    return {word: frozenset(others) - {word} for word, others in found.items()}


_TABLE = _table()
_PREFIXES = ("un", "in", "im", "ir", "non", "dis")
_TURNED = frozenset(
    stem(w)
    for w in (
        "efficient efficiency stable stability accurate accuracy able capable consistent correct complete dependent direct effective "
        "equal expected feasible known labeled labelled limited necessary needed neutral paired predictable reliable safe secure "
        "seen sufficient suitable supervised tractable trained trainable usable used useful visible biased balanced bounded certain "
        "constrained interpretable possible perfect proper practical precise regular relevant reversible rational similar trivial "
        "linear uniform parametric convex destructive differentiable stationary negligible significant significantly affected changed "
        "convincing desirable explored familiar fair friendly natural realistic robust satisfactory structured touched wanted worthy informed intuitive aligned controlled fit suited aware predictable available common usual popular healthy balanced organized successful successfully"
    ).split()
)


@lru_cache(maxsize=65536)
def signed_stem(word: str) -> tuple[str, int]:
    """The stem of a folded word without a turning prefix, and -1 when one was taken off, else +1."""
    for prefix in _PREFIXES:
        rest = word.removeprefix(prefix)
        if rest != word and len(rest) > 3 and stem(rest) in _TURNED:
            return stem(rest), -1
    return stem(word), 1


@lru_cache(maxsize=65536)
def opposites_of(stemmed: str) -> frozenset[str]:
    """The stems that say the opposite of a stem; empty when none is known."""
    return _TABLE.get(stemmed, frozenset())
