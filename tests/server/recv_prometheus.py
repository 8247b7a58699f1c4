"""A real Prometheus scrapes /metrics: what it has then is what was sent."""
import shutil
import socket
import tempfile
import urllib.parse
import urllib.request

from recvlib import *

work = tempfile.mkdtemp(prefix="aitrace-prometheus.")
recv = Recv("--spool", work + "/spool")
for i in range(3):
    post(recv, "/v1/traces", spans_json(4, first=1 + 4 * i))
post(recv, "/v1/traces", b"no JSON")

with open(work + "/prometheus.yml", "w") as f:
    json.dump({"global": {"scrape_interval": "500ms"},
               "scrape_configs": [{"job_name": "aitrace", "static_configs": [
                   {"targets": ["127.0.0.1:%d" % recv.port]}]}]}, f)
with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
    address = "127.0.0.1:%d" % s.getsockname()[1]
prometheus = subprocess.Popen(
    ["prometheus", "--config.file", work + "/prometheus.yml",
     "--storage.tsdb.path", work + "/data", "--web.listen-address", address],
    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def ask_for(query, want):
    """The value of a query, once it is that, or after half a minute."""
    url = "http://%s/api/v1/query?query=%s" % (address,
                                               urllib.parse.quote(query))
    got, end = None, time.monotonic() + 30
    while got != want and time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=5) as r:
                found = json.load(r)["data"]["result"]
            got = float(found[0]["value"][1]) if found else None
        except OSError:
            pass
        if got != want:
            time.sleep(0.1)
    return got


try:
    same(ask_for("up", 1.0), 1.0, "Prometheus can scrape it")
    same(ask_for('sum(aitrace_recv_records_total{signal="traces"})', 12.0),
         12.0, "and has the twelve spans")
    same(ask_for('sum(aitrace_recv_requests_total{signal="traces"})', 4.0),
         4.0, "of four requests")
    size = sum(os.path.getsize(os.path.join(work, "spool", x))
               for x in os.listdir(work + "/spool") if x.endswith(".ndjson"))
    same(ask_for("aitrace_recv_spool_bytes", float(size)), float(size),
         "and the size of the spool")
finally:
    prometheus.terminate()
    prometheus.communicate()
same(recv.stop()[0], 0, "exit 0")
shutil.rmtree(work)
done()
