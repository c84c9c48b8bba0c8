import itertools
from concurrent.futures import ThreadPoolExecutor

from storage.ids import Uuid7Generator, uuid7


def test_an_id_is_a_version_seven_uuid_that_starts_with_the_millisecond() -> None:
    made = Uuid7Generator(clock_ms=lambda: 0x0199_1234_5678, randbits=lambda bits: (1 << bits) - 1)()

    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == 0x0199_1234_5678


def test_ids_rise_within_a_millisecond_and_when_the_clock_is_set_back() -> None:
    clock = itertools.chain([100, 100, 100, 90, 80], itertools.repeat(101))
    generate = Uuid7Generator(clock_ms=lambda: next(clock))

    made = [generate() for _ in range(8)]

    assert made == sorted(set(made))
    assert made[4].int >> 80 == 100


def test_ids_made_in_threads_are_all_different() -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: uuid7(), range(4000)))

    assert len(set(made)) == 4000
