# aitrace-report --format html: the page, read by a program and opened in a
# real browser at the width of a desk and of a phone, light, dark and printed.
. "${srcdir:-.}/tests/lib.sh"
need python3
built aitrace-report
small=$top/tests/fixtures/report/small.ndjson
set -- --tz Europe/Berlin --now 2026-11-11T00:00:00Z

by='day model project agent session tool server'
# shellcheck disable=SC2046
aitrace-report "$@" -f json $(printf ' --by %s' $by) "$small" >"$tmp/report.json"
runs "a page" 0 aitrace-report "$@" -f html --forecast --budget 3 \
    --budget 30 -o "$tmp/page.html" "$small"
same_file "$tmp/page.html" "$top/tests/fixtures/report/page.html" \
    "the page that was looked at, byte for byte"
tap_from "page" python3 -B "$top/tests/report/page.py" "$tmp/page.html" \
    "$tmp/report.json"
aitrace-report "$@" -f html "$small" >"$tmp/a"
aitrace-report "$@" -f html "$small" >"$tmp/b"
same_file "$tmp/a" "$tmp/b" "the same input gives the same page"
runs "a page of nothing" 0 aitrace-report -f html /dev/null
like "$(tail -n 1 "$tmp/out")" '</html>$' "is whole"

browser=
for b in chromium chromium-browser google-chrome; do
	command -v $b >/dev/null 2>&1 && { browser=$b; break; }
done
if [ -z "$browser" ]; then
	skip "the page in a browser" "chromium is not installed"
	done_testing
fi
# What a browser makes of it: a page around it measures it in a frame.
cat >"$tmp/look.html" <<'LOOK'
<!DOCTYPE html><html><body><p id="out">nothing</p><script>
function look(width) {
	return new Promise(function (done) {
		var f = document.createElement('iframe');
		f.style.width = width + 'px';
		f.style.height = '800px';
		f.style.border = '0';
		f.onload = function () {
			var d = f.contentDocument, bars, text, tiles;
			bars = d.querySelectorAll('svg.chart rect');
			text = d.querySelector('svg.chart text');
			tiles = d.querySelectorAll('.tile');
			done(['w' + width, d.documentElement.scrollWidth <= width ?
			    'fits' : 'wide', bars.length > 3 ? 'bars' : 'none',
			    bars[0].getBoundingClientRect().height > 0 &&
			    bars[0].getBoundingClientRect().width > 3 ?
			    'seen' : 'unseen',
			    text.getBoundingClientRect().height >= 9 ?
			    'legible' : 'small', 'tiles' + tiles.length,
			    d.querySelectorAll('table').length + 'tables',
			    f.contentWindow.getComputedStyle(d.body)
			    .backgroundColor.replace(/ /g, '')].join(' '));
		};
		f.src = 'page.html';
		document.body.appendChild(f);
	});
}
look(1200).then(function (a) {
	look(390).then(function (b) {
		document.getElementById('out').textContent = a + ' | ' + b;
	});
});
</script></body></html>
LOOK
browse() {
	timeout 120 "$browser" --headless --no-sandbox --disable-gpu \
	    --disable-background-networking --hide-scrollbars \
	    --user-data-dir="$tmp/browser" "$@" 2>"$tmp/browser.err"
}
looked() {
	browse --allow-file-access-from-files --virtual-time-budget=5000 \
	    --dump-dom "$@" "file://$tmp/look.html" |
	    sed -n 's/.*<p id="out">\([^<]*\)<.*/\1/p'
}
out=$(looked)
if [ -z "$out" ]; then
	skip "the page in a browser" "$browser does not run here"
	note_file "$tmp/browser.err"
	done_testing
fi
is "$out" "w1200 fits bars seen legible tiles6 7tables rgb(255,255,255) | w390 fits bars seen legible tiles6 7tables rgb(255,255,255)" \
    "a desk and a phone"
like "$(looked --blink-settings=preferredColorScheme=0)" \
    'rgb\(20,23,26\) .* rgb\(20,23,26\)' "in the dark"

# A picture of it has its colours; on paper it is a few pages.
cat >"$tmp/png.py" <<'PNG'
import struct, sys, zlib
data = open(sys.argv[1], 'rb').read()
assert data[:8] == b'\x89PNG\r\n\x1a\n'
at, raw = 8, b''
while at < len(data):
    n, kind = struct.unpack('>I4s', data[at:at + 8])
    body = data[at + 8:at + 8 + n]
    if kind == b'IHDR':
        width, height, depth, colour = struct.unpack('>IIBB', body[:10])
    if kind == b'IDAT':
        raw += body
    at += 12 + n
step = {2: 3, 6: 4}[colour]
rows, raw = [], zlib.decompress(raw)
last = bytearray(width * step)
for y in range(height):
    f, line = raw[y * (width * step + 1)], bytearray(
        raw[y * (width * step + 1) + 1:(y + 1) * (width * step + 1)])
    for i in range(len(line)):
        a = line[i - step] if i >= step else 0
        b, c = last[i], last[i - step] if i >= step else 0
        p = a + b - c
        pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
        paeth = a if pa <= pb and pa <= pc else b if pb <= pc else c
        line[i] = (line[i] + (0, a, b, (a + b) // 2, paeth)[f]) & 255
    rows.append(bytes(line))
    last = line
colours = {}
for r in rows:
    for x in range(0, len(r), step):
        colours[r[x:x + 3]] = colours.get(r[x:x + 3], 0) + 1
blue, green = bytes((37, 99, 168)), bytes((46, 139, 87))
print(width, 'blue' if colours.get(blue, 0) > 500 else 'no blue',
      'green' if colours.get(green, 0) > 100 else 'no green',
      'text' if len(colours) > 30 else 'no text')
PNG
browse --screenshot="$tmp/shot.png" --window-size=400,1000 \
    "file://$tmp/page.html" >/dev/null
is "$(python3 "$tmp/png.py" "$tmp/shot.png" 2>&1)" "400 blue green text" \
    "a picture of it"
browse --print-to-pdf="$tmp/page.pdf" --no-pdf-header-footer \
    "file://$tmp/page.html" >/dev/null
pages=$(LC_ALL=C grep -ac '/Type /Page$' "$tmp/page.pdf")
[ "$pages" -gt 0 ] && [ "$pages" -le 5 ]
is $? 0 "on paper: $pages pages"
done_testing
