"""An experiment: its points, what the keys of [vary] set, and what is wrong with them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.experiments.experiment import Point, load_experiment
from engine.experiments.named_files import file_digest
from engine.references.recorded import recorded_path
from tests.engine.experiments.small_experiments import EXPERIMENT, HEAD, SCENARIO, write

MACHINES = Path(__file__).parents[1] / "inputs" / "machines"
MEASURE = '[measure]\nsteps = "run.steps"\n'


def varied(folder: Path, vary: str, scenario: str = SCENARIO) -> str:
    return write(folder, f"{HEAD}[vary]\n{vary}\n{MEASURE}", scenario)


def test_the_points_are_the_product_with_the_first_key_slowest(tmp_path: Path) -> None:
    experiment = load_experiment(write(tmp_path))
    assert len(experiment.points) == 12
    assert experiment.points[1] == Point({"machine.colors": 1, "rounds": 2, "seed": 1})
    assert experiment.points[3] == Point({"machine.colors": 1, "rounds": 4, "seed": 0})
    assert (experiment.title, experiment.measures) == (
        "Two threads at one queue",
        ("contended", "waited", "free"),
    )
    assert (experiment.claim, experiment.section, experiment.says) == (
        "more colours, less contention",
        "",
        "",
    )
    assert experiment.chart is not None
    assert experiment.name == str(tmp_path / "small.toml")


def test_vary_replaces_the_values_of_a_key_and_adds_keys(tmp_path: Path) -> None:
    path = write(tmp_path)
    experiment = load_experiment(path, ["colors=4", "seed=0..1", "rules=document,source"])
    assert experiment.vary == {
        "machine.colors": (4,),
        "rounds": (2, 4),
        "seed": (0, 1),
        "rules": ("document", "source"),
    }
    point = experiment.points[-1]
    scenario = experiment.scenario_of(point)
    assert (scenario.config.colors, scenario.parameters, scenario.rules) == (4, {"rounds": 4}, "source")
    assert load_experiment(path).scenario_of(load_experiment(path).points[-1]).config.colors == 16


def test_the_keys_of_experiments_set_the_machine_and_the_schedule(tmp_path: Path) -> None:
    vary = 'machine = ["8MiB:1x4x1"]\nseed = [7]'
    experiment = load_experiment(varied(tmp_path, vary))
    scenario = experiment.scenario_of(experiment.points[0])
    assert scenario.config.hardware.topology.ncpus == 4
    assert scenario.config.hardware.phys_avail[-1][1] == 8 << 20
    assert "random:7" in str(experiment.runs.job(experiment.points[0].settings))
    experiment = load_experiment(varied(tmp_path, 'topology = ["2x2x1"]\nschedule = ["a:end"]'))
    assert experiment.scenario_of(experiment.points[0]).config.hardware.topology.phys_ids == 2
    assert experiment.runs.weight(experiment.points[0].settings) == 4


def test_a_parameter_hides_the_key_of_its_name(tmp_path: Path) -> None:
    scenario = SCENARIO.replace("rounds = [2, 4]", "rounds = [2, 4]\ncpus = [2]")
    experiment = load_experiment(varied(tmp_path, "cpus = [64]", scenario))
    assert experiment.scenario_of(experiment.points[0]).parameters["cpus"] == 64
    assert experiment.scenario_of(experiment.points[0]).config.hardware.topology.ncpus == 2


WRONG_VARY = {
    "colors = [3]": (":6: ", "power of two"),
    '"machine.colours" = [4]': (":6: ", "colours"),
    "cpus = [0]": (":6: ", "number of cpus"),
    "cpus = [1]": ("two.toml:", "cpu"),
    'cpus = ["4"]': (":6: ", "number of cpus"),
    'machine = ["host"]': (":6: ", "not the same everywhere"),
    'machine = ["desktop", "nosuch"]': (":6: ", "there is no preset 'nosuch'"),
    'machine = ["/etc/passwd"]': (":6: ", "not the same everywhere"),
    'schedule = ["@/etc/passwd"]': (":6: ", "names a file"),
    'schedule = ["ghost:1"]': (":6: ", "ghost"),
    "seed = [-1]": (":6: ", "not a seed"),
    'seed = [1]\nschedule = ["rr"]': (":7: ", "both"),
    "rules = ['none']": (":6: ", "none"),
    "title = ['x']": (":6: ", "not allowed"),
}


@pytest.mark.parametrize("vary", WRONG_VARY)
def test_what_cannot_vary_has_its_line(tmp_path: Path, vary: str) -> None:
    place, words = WRONG_VARY[vary]
    text = vary.replace("colors", '"machine.colors"') if vary.startswith("colors") else vary
    with pytest.raises(BadInput, match=words) as caught:
        load_experiment(varied(tmp_path, text))
    assert place in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("colors", "not KEY=VALUES"),
        ("=4", "not KEY=VALUES"),
        ("colors=", "^--vary machine.colors: there is no value"),
        ("colors=3", "^--vary machine.colors: colors = 3"),
        ("seed=0..99999", "^--vary: .* points"),
        ("machine=1MiB:1x2x1,foo", "^--vary machine: there is no preset 'foo'; give one"),
        ("rules=source,foo", "^--vary rules: there is no rule set 'foo'"),
        ("rules=document+nice_rule", "^--vary rules: 'nice_rule' is not OPTION=VALUE"),
        ("schedule=ghost:1", "^--vary schedule: seed and schedule both set the schedule"),
        ("trace=a", "^--vary trace: "),
        ("steps=4", "^--vary steps: 'steps' is not allowed"),
        ("\x1b=4", "not allowed"),
    ],
)
def test_a_wrong_vary_is_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        load_experiment(write(tmp_path), [text])


def test_the_key_that_is_wrong_is_blamed_and_not_the_first_one(tmp_path: Path) -> None:
    path = varied(tmp_path, 'cpus = [2, 4]\nrules = ["source"]\nschedule = ["rr"]')
    with pytest.raises(BadInput, match=r"^--vary schedule: .*ghost"):
        load_experiment(path, ["schedule=ghost:1"])
    path = varied(tmp_path, 'cpus = [2, 4]\nschedule = ["ghost:1"]')
    with pytest.raises(BadInput, match=r"toml:7: schedule: .*ghost"):
        load_experiment(path, ["rules=source"])


SAME = [
    ("cpus", "topology=1x3x1", "the processors"),
    ("machine.topology", "cpus=2", "the processors"),
    ("machine", "cpus=2", "the processors"),
    ("machine", "machine.memory=2MiB", "the memory"),
    ("machine.hwloc", "machine=1MiB:1x3x1", "the memory"),
    ("machine.hwloc", "topology=1x3x1", "the processors"),
    ("machine.memory", "machine.hwloc=box.xml", "the memory"),
    ("seed", "schedule=rr", "the schedule"),
    ("rules", "machine.nice_rule=none", "machine.nice_rule"),
    ("machine.thresholds.v_free_min", "machine.thresholds=newer", "machine.thresholds"),
]


@pytest.mark.parametrize(("key", "other", "both"), SAME)
def test_two_keys_that_set_the_same_are_refused_in_either_order(
    tmp_path: Path, key: str, other: str, both: str
) -> None:
    values = {
        **dict.fromkeys(("cpus", "seed", "machine.thresholds.v_free_min"), "2"),
        "machine": "1MiB:1x3x1",
        "rules": "document+nice_rule=formula",
        "machine.hwloc": "box.xml",
        "machine.memory": "1MiB",
    }
    first = f"{key}={values.get(key, '1x3x1')}"
    path = varied(tmp_path, '"machine.colors" = [4]')
    for given in ([first, other], [other, first]):
        names = " and ".join(text.partition("=")[0] for text in given)
        with pytest.raises(BadInput) as caught:
            load_experiment(path, given)
        last = given[1].partition("=")[0]
        assert str(caught.value).startswith(f"--vary {last}: {names} both set {both},")


def test_keys_that_set_different_things_vary_together(tmp_path: Path) -> None:
    path = varied(tmp_path, 'cpus = [2]\n"machine.memory" = ["8 MiB"]\nrules = ["document+hash_rule=source"]')
    more = [
        "machine.nice_rule=none",
        "machine.thresholds.v_free_min=9",
        "machine.thresholds.v_free_target=30",
    ]
    experiment = load_experiment(path, more)
    config = experiment.scenario_of(experiment.points[0]).config
    assert (config.rules.hash_rule, config.rules.nice_rule) == ("source", "none")
    assert (config.hardware.topology.ncpus, config.hardware.phys_avail[-1][1]) == (2, 8 << 20)


def test_a_measure_is_in_words_or_as_it_is_computed(tmp_path: Path) -> None:
    means = '[means]\nwaited = "steps waited"\nseed = "a schedule"\n'
    experiment = load_experiment(write(tmp_path, EXPERIMENT + means))
    assert list(experiment.means) == ["seed", *experiment.measures]
    assert (experiment.means["waited"], experiment.means["free"]) == ("steps waited", "count(FREE)")


def test_a_scenario_is_a_file_beside_it_or_of_the_library(tmp_path: Path) -> None:
    text = EXPERIMENT.replace('"two.toml"', '"one-queue-or-1024"').replace("rounds = [2, 4]\n", "")
    experiment = load_experiment(write(tmp_path, text))
    assert experiment.scenario_of(experiment.points[0]).name == "one-queue-or-1024"
    with pytest.raises(BadInput, match=r"small\.toml:4: there is no scenario"):
        load_experiment(write(tmp_path, EXPERIMENT.replace('"two.toml"', '"/dev/zero"')))


def test_a_wrong_measure_or_verdict_has_its_line(tmp_path: Path) -> None:
    for old, new, line in (("count(FREE)", "count(FREED)", 12), ("waited, 'm", "waits, 'm", 14)):
        with pytest.raises(BadInput) as caught:
            load_experiment(write(tmp_path, EXPERIMENT.replace(old, new)))
        assert caught.value.line == line
    filtered = EXPERIMENT.replace("'machine.colors', 1, 16", "'machine.colors', 1, 1024")
    with pytest.raises(BadInput, match="not a value"):
        load_experiment(write(tmp_path, filtered))
    assert load_experiment(write(tmp_path), ["colors=64"]).statements


def test_the_identity_is_of_all_that_the_results_depend_on(tmp_path: Path) -> None:
    path = write(tmp_path)
    first = load_experiment(path).identity
    assert load_experiment(path, ["seed=0..9", "rounds=2"]).identity == first
    assert load_experiment(write(tmp_path, EXPERIMENT.replace("it is", "It is"))).identity == first
    texts = [EXPERIMENT.replace('"count(FREE)"', '"count(FREE) + 0"')]
    texts.append(EXPERIMENT.replace("[[verdict]]", "[latency]\nremote = 3\n[[verdict]]"))
    found = [load_experiment(write(tmp_path, text)).identity for text in texts]
    found.append(load_experiment(write(tmp_path, scenario=f"{SCENARIO}# more\n")).identity)
    assert len({first, *found}) == 4


def test_the_contents_of_a_file_that_the_scenario_names_count(tmp_path: Path) -> None:
    scenario = SCENARIO.replace('memory = "4 MiB"\ntopology = "1x2x1"', 'hwloc = "{}"')
    path = write(tmp_path, scenario=scenario.replace("{}", "box.xml"))
    box = tmp_path / "box.xml"
    shutil.copy(MACHINES / "two-sockets.xml", box)
    first = load_experiment(path).identity
    box.write_text(f"{box.read_text()}<!-- -->\n")
    assert load_experiment(path).identity not in (first, None)
    shutil.copy(box, tmp_path / "box2.xml")
    path = write(tmp_path, scenario=scenario.replace("{}", "box{rounds}.xml"))
    assert load_experiment(path, ["rounds=2"]).identity is None


def test_the_contents_of_a_dump_that_the_scenario_or_the_experiment_names_count(tmp_path: Path) -> None:
    dump = tmp_path / "dump.txt"
    named = SCENARIO.replace('memory = "4 MiB"', 'counters = "dump.txt"')
    for scenario, vary in ((named, []), (SCENARIO, ["machine.counters=dump.txt"])):
        dump.write_text("vmstats.v_free_count: 900\n")
        path = write(tmp_path, scenario=scenario)
        first = load_experiment(path, vary).identity
        dump.write_text("vmstats.v_free_count: 901\n")
        assert load_experiment(path, vary).identity not in (first, None)


def test_the_contents_of_a_recorded_string_count(tmp_path: Path) -> None:
    process = '[[process]]\nname = "p"\nmaps = [{ object = "heap", start = 0, pages = 34359738368 }]\n'
    thread = '[[thread]]\nname = "taker"\nprocess = "p"\ntrace = "recorded:true"\n'
    scenario = SCENARIO.replace('name = "heap"', 'name = "heap"\nsize = 34359738368')
    contents = load_experiment(write(tmp_path, scenario=f"{scenario}{process}{thread}")).runs.contents()
    assert contents is not None
    assert file_digest(Path(recorded_path("recorded:true"))) in contents
