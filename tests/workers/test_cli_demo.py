"""`leadloop demo` as a command: with no system, and stopped by Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.eventually import eventually_sync
from tests.workers.live_api import leadloop, running_api
from workers.api_client import call
from workers.cli_demo import COMMENT, last_of_ours
from workers.settings import load_settings


def test_without_a_running_system_it_is_one_line_and_exit_2(tmp_path: Path) -> None:
    (tmp_path / "admin.key").write_text("leadloop_0_none")
    done = leadloop({"LEADLOOP_DATA_DIR": str(tmp_path), "LEADLOOP_PORT": "1"}, "demo")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "start one with leadloop up" in done.stderr


def test_ctrl_c_ends_it_with_the_summary_so_far_and_goes_back_to_the_former_playbook(
    database_url: str, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    with running_api(database_url, data) as variables:
        settings = load_settings(data_dir=data, port=int(variables["LEADLOOP_PORT"]))
        process = subprocess.Popen(
            [sys.executable, "-m", "workers.cli", "demo", "--leads", "200", "--minutes", "2", "--json"],
            env=os.environ | variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        eventually_sync(lambda: bool(call(settings, "GET", "/v1/leads", params={"limit": 5})["leads"]), 40)
        process.send_signal(signal.SIGINT)
        out, said = process.communicate(timeout=60)
        revisions = call(settings, "GET", "/v1/playbook/revisions")["revisions"]
        first, last = (call(settings, "GET", f"/v1/playbook/revisions/{number}")["source"] for number in (1, 3))

    told = json.loads(out)
    assert process.returncode == 0
    assert 0 < told["leads"]["captured"] < 200
    assert [revision["number"] for revision in revisions] == [3, 2, 1]
    assert (revisions[0]["comment"], last) == ("Back from the demo: revision 1 again", first)
    assert said.count("Published the former playbook (revision 1) again, as revision 3.\n") == 1
    assert "Traceback" not in said


def test_the_way_back_leads_to_the_last_playbook_that_is_no_demo_s() -> None:
    listed = [{"number": 3, "comment": COMMENT}, {"number": 2, "comment": "ours"}, {"number": 1, "comment": "ours"}]
    assert last_of_ours({"revisions": listed}) == 2
    assert last_of_ours({"revisions": listed[:1]}) == 3
