# opencode: its database, read beside its writer and after a crash; what
# `opencode run` prints; the same ids from both.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3 jq
built aitrace-import aitrace-price

dir=$captures/opencode/basic
runs "the captured database" 0 aitrace-import "$dir/transcript"
aitrace-price -q <"$tmp/out" >"$tmp/basic"
tap_from basic "$truth/check_truth.py" --capture "$dir" --transcript \
    "$tmp/basic"
tap_from basic "$truth/invariants.py" "$tmp/basic"

# ---- in every state that a database can be in

cat >"$tmp/states.py" <<'EOF'
import hashlib, json, os, shutil, sqlite3, subprocess, sys
folder, fixture = sys.argv[1:]
os.chdir(folder)

def read(path, want, code, what):
    """The spans that come of it, and that nothing else changes."""
    before = state()
    p = subprocess.run(['aitrace-import', path], capture_output=True)
    calls = p.stdout.count(b'"generation"')
    tell(p.returncode == code, what + ': exit status',
         '%d, wanted %d\n%s' % (p.returncode, code, p.stderr.decode()))
    tell(calls == want, what + ': calls', '%d, wanted %d' % (calls, want))
    after = state()
    tell(before == after, what + ': nothing is written, no file is made',
         [k for k in set(before) | set(after) if before.get(k) != after.get(k)])

def state():
    """What is in the folder, but for the marks of readers in shared memory. In
    a process of its own: closing a database here would drop SQLite's locks."""
    out = subprocess.run(['sha256sum'] + sorted(os.listdir('.')),
                         capture_output=True, text=True).stdout
    return {l[66:]: l[67:] if l.endswith('-shm') else l[:64]
            for l in out.splitlines()}

n = 0
def tell(good, what, why=''):
    global n
    n += 1
    print('%s %d - %s' % ('ok' if good else 'not ok', n, what))
    if not good:
        print('# ' + str(why).replace('\n', '\n# '))

def more(db, i, commit=True):
    """One more answer of the last message's kind."""
    row = db.execute('SELECT session_id, time_created, data FROM message '
                     'ORDER BY time_created DESC LIMIT 1').fetchone()
    db.execute('INSERT INTO message VALUES (?, ?, ?, ?, ?)',
               ('msg_z%d' % i, row[0], row[1] + 1000, row[1] + 1000, row[2]))
    if commit:
        db.commit()

shutil.copy(fixture, 'still.db')
read('still.db', 2, 0, 'nobody writes')
os.chmod('still.db', 0o444)
os.chmod('.', 0o555)
read('still.db', 2, 0, 'a folder that may only be read')
os.chmod('.', 0o755)

shutil.copy(fixture, 'busy.db')
os.chmod('busy.db', 0o644)
db = sqlite3.connect('busy.db')
db.execute('PRAGMA journal_mode=WAL')
db.execute('PRAGMA wal_autocheckpoint=0')
more(db, 1)
read('busy.db', 3, 0, 'beside a writer, what stands in its log')
more(db, 2, commit=False)
read('busy.db', 3, 0, 'what is not committed is not seen')
db.commit()
read('busy.db', 4, 0, 'and what is, is')

# For cron: what stands in the log alone is new, too, and nothing else is.
def news(want, what):
    p = subprocess.run(['aitrace-import', '--state=../known', '--settle=0',
                        'busy.db'], capture_output=True)
    calls = p.stdout.count(b'"generation"')
    tell(p.returncode == 0 and calls == want, what, '%d: %d, wanted %d\n%s' % (
        p.returncode, calls, want, p.stderr.decode()))
news(4, 'with --state, everything at first')
news(0, 'then nothing')
more(db, 3)
news(1, 'then what was added')

subprocess.run(['sh', '-c', 'cp busy.db crash.db; cp busy.db-wal crash.db-wal'])
read('crash.db', 5, 0, 'after a crash, with its log')
with open('crash.db-wal', 'r+b') as f:
    f.truncate(os.path.getsize('crash.db-wal') - 100)
read('crash.db', 4, 0, 'a torn log up to its last whole change')

old = sqlite3.connect('still.db')
old.close()
shutil.copy(fixture, 'odd.db')
os.chmod('odd.db', 0o644)
odd = sqlite3.connect('odd.db')
odd.execute("UPDATE part SET data = 'no JSON' WHERE rowid = 1")
odd.execute("UPDATE message SET data = '[1]' WHERE rowid = 1")
odd.commit()
odd.close()
read('odd.db', 2, 65, 'rows that are no JSON')

whole = open(fixture, 'rb').read()
open('short.db', 'wb').write(whole[:len(whole) // 2])
p = subprocess.run(['aitrace-import', 'short.db'], capture_output=True)
tell(p.returncode == 65, 'half a database: exit status', p.returncode)
open('garbage.db', 'wb').write(whole[:16] + os.urandom(5000))
read('garbage.db', 0, 65, 'garbage')
other = sqlite3.connect('other.db')
other.execute('CREATE TABLE t (a)')
other.commit()
other.close()
read('other.db', 0, 65, 'the database of something else')
print('1..%d' % n)
EOF
mkdir "$tmp/states"
tap_from states python3 "$tmp/states.py" "$tmp/states" "$dir/transcript/opencode.db"

# ---- sub-agents, refusals, versions with all steps in one message

cat >"$tmp/make.py" <<'EOF'
import json, shutil, sqlite3, sys
shutil.copy(sys.argv[1], sys.argv[2])
db = sqlite3.connect(sys.argv[2])
for table in ('message', 'part', 'session'):
    cols = [c[1] for c in db.execute('PRAGMA table_info(%s)' % table)]
    if table == 'session':
        row = dict(zip(cols, db.execute('SELECT * FROM session').fetchone()))
    db.execute('DELETE FROM ' + table)
T = 1795238880000
def session(id, parent, at):
    r = dict(row, id=id, parent_id=parent, slug=id, time_created=T + at)
    db.execute('INSERT INTO session (%s) VALUES (%s)' % (
        ','.join(r), ','.join('?' * len(r))), list(r.values()))
def message(id, session, at, parts, **data):
    db.execute('INSERT INTO message VALUES (?,?,?,?,?)',
               (id, session, T + at, T + at, json.dumps(data)))
    for i, p in enumerate(parts):
        db.execute('INSERT INTO part VALUES (?,?,?,?,?,?)',
                   ('prt_%s_%02d' % (id, i), id, session, T + at + i,
                    T + at + i, json.dumps(p)))
def text(s, **more):
    return dict({'type': 'text', 'text': s}, **more)
def tool(name, id, start, end, status='completed', **state):
    return {'type': 'tool', 'tool': name, 'callID': id, 'state': dict(
        {'status': status, 'input': {'n': id}, 'time':
         {'start': T + start, 'end': T + end}}, **state)}
def tokens(i, o, r=0, read=0, write=0):
    return {'input': i, 'output': o, 'reasoning': r,
            'cache': {'read': read, 'write': write}}
def answer(id, session, at, end, parts, **more):
    message(id, session, at, parts, role='assistant', modelID='claude-test',
            providerID='anthropic', time={'created': T + at,
            'completed': T + end}, **more)
session('ses_1', None, 0)
session('ses_2', 'ses_1', 300)
session('ses_3', 'ses_gone', 400)
message('m1', 'ses_1', 1, [text('delegate'), text('a rule', synthetic=True)],
        role='user')
answer('m2', 'ses_1', 100, 900, [text('I ask.'), tool('task', 't1', 200, 800,
       output='<task>', metadata={'sessionId': 'ses_2'})],
       tokens=tokens(10, 1, 0, 100, 20), cost=0.25)
message('m3', 'ses_2', 301, [text('the task')], role='user')
answer('m4', 'ses_2', 310, 500, [tool('bash', 't2', 320, 400, output='x',
       metadata={'exit': 3})], tokens=tokens(20, 2), cost=0)
answer('m5', 'ses_2', 510, 700, [text('found')], tokens=tokens(30, 3))
answer('m6', 'ses_1', 1000, 1100, [text('done')], tokens=tokens(40, 4))
# All steps of a turn in one message.
message('m7', 'ses_1', 2000, [text('again')], role='user')
def finish(i, o, cost):
    return {'type': 'step-finish', 'tokens': tokens(i, o), 'cost': cost}
answer('m8', 'ses_1', 2100, 3000, [
    {'type': 'step-start'}, text('first'), tool('bash', 't3', 2200, 2300,
     status='error', error='no such thing'), finish(50, 5, 0.1),
    {'type': 'step-start'}, text('second'), finish(60, 6, 0.2)],
    tokens=tokens(60, 6), cost=0.3)
# Refused, and failed.
message('m9', 'ses_1', 4000, [text('write')], role='user')
answer('m10', 'ses_1', 4100, 4200, [], tokens=tokens(0, 0), error={
    'name': 'APIError', 'data': {'message': 'too many', 'statusCode': 429}})
# Nobody is known to have begun it.
message('m11', 'ses_3', 401, [text('alone')], role='user')
answer('m12', 'ses_3', 410, 420, [text('yes')], tokens=tokens(70, 7))
db.commit()
EOF
python3 "$tmp/make.py" "$dir/transcript/opencode.db" "$tmp/made.db"
runs "a database with sub-agents" 0 aitrace-import "$tmp/made.db"
jq -s -r '(map({key: .span_id, value: .}) | from_entries) as $by | .[] |
    [.name, ($by[.parent_span_id // ""].name // "-"),
    (.attributes["llm.token_count.total"] // "-"),
    (.attributes["langfuse.observation.level"] // "DEFAULT"),
    (.attributes["aitrace.cost.reported"] // "-"),
    (.attributes["error.type"] // "-")] | join("|")' "$tmp/out" |
    sort >"$tmp/tree"
cat >"$tmp/want" <<'EOF'
Agent: unknown|LLM Call: claude-test|-|DEFAULT|-|-
LLM Call: claude-test|Agent: unknown|22|DEFAULT|-|-
LLM Call: claude-test|Agent: unknown|33|DEFAULT|-|-
LLM Call: claude-test|Turn: again|55|DEFAULT|0.1|-
LLM Call: claude-test|Turn: again|66|DEFAULT|0.2|-
LLM Call: claude-test|Turn: alone|77|DEFAULT|-|-
LLM Call: claude-test|Turn: delegate|131|DEFAULT|0.25|-
LLM Call: claude-test|Turn: delegate|44|DEFAULT|-|-
LLM Call: claude-test|Turn: write|-|ERROR|-|rate_limit
Turn: again|-|-|DEFAULT|-|-
Turn: alone|-|-|DEFAULT|-|-
Turn: delegate|-|-|DEFAULT|-|-
Turn: write|-|-|ERROR|-|rate_limit
bash|LLM Call: claude-test|-|ERROR|-|tool_error
bash|LLM Call: claude-test|-|WARNING|-|tool_error
EOF
same_file "$tmp/tree" "$tmp/want" "every call once, each in its place"

# ---- what is printed

python3 - "$dir/transcript/opencode.db" >"$tmp/printed" <<'EOF'
import json, sqlite3, sys
db = sqlite3.connect('file:%s?mode=ro&immutable=1' % sys.argv[1], uri=True)
names = {'step-start': 'step_start', 'step-finish': 'step_finish',
         'tool': 'tool_use', 'text': 'text'}
for id, m, s, at, data in db.execute(
        'SELECT p.id, p.message_id, p.session_id, p.time_updated, p.data FROM '
        'part p, message m WHERE m.id = p.message_id AND m.data NOT LIKE '
        '\'%"role":"user"%\' ORDER BY p.id'):
    part = json.loads(data)
    if part['type'] in names:
        print(json.dumps({'type': names[part['type']], 'timestamp': at,
                          'sessionID': s, 'part': dict(
                              part, id=id, messageID=m, sessionID=s)},
                         separators=(',', ':')))
EOF
runs "what opencode run printed of it" 0 aitrace-import "$tmp/printed"
ids='[.trace_id, .span_id, .parent_span_id,
    .attributes["langfuse.observation.usage_details"]] | @tsv'
jq -r "$ids" "$tmp/out" | sort >"$tmp/a"
jq -r "$ids" "$tmp/basic" | sort >"$tmp/b"
same_file "$tmp/a" "$tmp/b" "are the same spans with the same tokens"

done_testing
