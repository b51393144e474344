import pytest, random, time
from collections import Counter
from tests.stress.together import together, until_late
from tests.stress import processes
from tests.factories import *
from tests.matrices.reading import *
from raci.matrices.operations import *
from raci.matrices.operations import Done
@pytest.mark.django_db(transaction=True)
def test_measure(workspace, owner):
    m = make_matrix(owner, *["LSCI.."]*5)
    members=[MemberFactory(workspace=workspace) for _ in range(6)]
    rows=[r.pk for r in rows_of(m)]; roles=[r.pk for r in roles_of(m)]
    times=[]
    def move(member):
        def once():
            t=time.monotonic()
            try:
                return set_level(matrix=m.pk, sender=Sender(member), activity=random.choice(rows), role=random.choice(roles), level=Level.LEAD, seen=revision(m))
            finally: times.append(time.monotonic()-t)
        return once
    res=together(*(until_late(move(x),5) for x in members))
    print([Counter(type(a).__name__ for a in r) for r in res], "worst", max(times), "total changes", revision(m)-1)
    # large block
    big = make_matrix(owner, *["LSCI"+"I"*26]*1000)
    a=[r.pk for r in rows_of(big)]; ro=[r.pk for r in roles_of(big)]
    t=time.monotonic()
    set_block(matrix=big.pk, sender=Sender(owner), activities=a, roles=ro, levels=[[None,Level.LEAD,*[Level.SUPPORT]*28]]*1000, seen=[1]*1000)
    print("block 30000 cells", time.monotonic()-t)
    from raci.matrices.undo import undo, restore
    t=time.monotonic(); undo(matrix=big.pk, sender=Sender(owner)); print("undo", time.monotonic()-t)
    t=time.monotonic(); restore(matrix=big.pk, sender=Sender(owner), revision=2); print("restore", time.monotonic()-t)
    from raci.matrices.structure import merge_roles
    t=time.monotonic(); merge_roles(matrix=big.pk, sender=Sender(owner), role=ro[5], into=ro[4]); print("merge", time.monotonic()-t)
    t=time.monotonic(); set_level(matrix=big.pk, sender=Sender(owner), activity=a[0], role=ro[0], level=Level.LEAD, seen=revision(big)); print("level in big", time.monotonic()-t)
    t=time.monotonic(); 
    try: set_level(matrix=big.pk, sender=Sender(owner), activity=a[0], role=ro[1], level=Level.INFORMED, seen=1); 
    except Refused as e: print(e)
    print("stale level in big", time.monotonic()-t)
