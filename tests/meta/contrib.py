#!/usr/bin/env python3
"""What contrib has for Kubernetes, the Collector and Alloy: whole, consistent,
and what it starts are programs and options that exist.

usage: contrib.py TREE BUILD
"""
import glob
import os
import re
import subprocess
import sys
import tempfile

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'truth'))
sys.dont_write_bytecode = True
from tap import Tap     # noqa: E402

TOP, BUILD = sys.argv[1], sys.argv[2]
KEY = re.compile(r'(pk|sk)-lf-(?!\.\.\.)')


def load(path):
    with open(path, encoding='utf-8') as f:
        return list(yaml.safe_load_all(f))


def options(program):
    out = subprocess.run([os.path.join(BUILD, program), '--dump-options'],
                         stdout=subprocess.PIPE, check=True).stdout.decode()
    return {line.split('\t')[0] for line in out.splitlines()}


def commands(container):
    """The pipelines that a container runs, as lists of words."""
    argv = container.get('command', [])
    if argv[:2] == ['/bin/sh', '-c']:
        return [[w for w in part.split() if w != 'exec']
                for part in argv[2].split('|')]
    return [argv] if argv else []


def check_commands(tap, name, argvs):
    bad = []
    for argv in argvs:
        if not os.access(os.path.join(BUILD, argv[0]), os.X_OK):
            bad.append('no program ' + argv[0])
            continue
        known = options(argv[0])
        bad += ['%s has no %s' % (argv[0], w) for w in argv[1:]
                if w.startswith('--') and w[2:].split('=')[0] not in known]
    tap.ok(not bad, name + ': programs and options exist', '\n'.join(bad))


def check_pod(tap, name, spec, secrets, maps):
    bad = []
    volumes = {v['name']: v for v in spec.get('volumes', [])}
    used = set()
    for c in spec['containers']:
        for source in c.get('envFrom', []):
            ref = source.get('secretRef', source.get('configMapRef'))
            if ref['name'] not in (secrets if 'secretRef' in source
                                   else maps):
                bad.append('envFrom %s' % ref['name'])
        for e in c.get('env', []):
            ref = e.get('valueFrom', {}).get('configMapKeyRef')
            if ref and ref['key'] not in maps.get(ref['name'], {}):
                bad.append('%s: no key %s' % (e['name'], ref['key']))
            if 'value' in e and not isinstance(e['value'], str):
                bad.append('%s is no string' % e['name'])
        for m in c.get('volumeMounts', []):
            used.add(m['name'])
        if c['name'] == 'agent':
            continue
        s = c.get('securityContext', {})
        if s.get('allowPrivilegeEscalation') is not False or \
                not s.get('readOnlyRootFilesystem') or \
                s.get('capabilities', {}).get('drop') != ['ALL']:
            bad.append('%s may do too much' % c['name'])
        if 'memory' not in c.get('resources', {}).get('limits', {}):
            bad.append('%s has no limit' % c['name'])
    if used != set(volumes):
        bad.append('volumes %s, mounted %s' % (sorted(volumes), sorted(used)))
    for v in volumes.values():
        if 'secret' in v and v['secret']['secretName'] not in secrets:
            bad.append('volume of an unknown secret')
        if 'configMap' in v:
            have = maps.get(v['configMap']['name'], {})
            bad += ['no %s' % i['key'] for i in v['configMap']['items']
                    if i['key'] not in have]
    if not spec.get('securityContext', {}).get('runAsNonRoot'):
        bad.append('may be root')
    tap.ok(not bad, name + ': everything it names is there, and no more '
           'rights than needed', '\n'.join(bad))


def k8s(tap):
    docs = {}
    for path in sorted(glob.glob(TOP + '/contrib/k8s/*.yaml')):
        for d in load(path):
            docs.setdefault(d['kind'], []).append((os.path.basename(path), d))
            tap.ok(d['apiVersion'] in ('v1', 'apps/v1') and
                   d['metadata']['name'], os.path.basename(path) + ': a ' +
                   d['kind'])
    secrets = {d['metadata']['name']: d['stringData']
               for _, d in docs['Secret']}
    maps = {d['metadata']['name']: d['data'] for _, d in docs['ConfigMap']}
    bad = [k for m in maps.values() for k, v in m.items() if KEY.search(v)]
    bad += [k for m in secrets.values() for k, v in m.items()
            if KEY.search(v)]
    tap.equal(bad, [], 'k8s: no key in any of them')
    with_env = with_files = 0
    for name, d in docs['Deployment']:
        spec = d['spec']['template']['spec']
        tap.equal(d['spec']['selector']['matchLabels'],
                  d['spec']['template']['metadata']['labels'],
                  name + ': selects its own pods')
        check_pod(tap, name, spec, secrets, maps)
        for c in spec['containers']:
            if c['name'] != 'agent':
                check_commands(tap, name + ': ' + c['name'], commands(c))
            with_env += 'envFrom' in c
        with_files += any('secret' in v for v in spec['volumes'])
    tap.ok(with_env and with_files, 'k8s: keys by envFrom and by files')
    for name, m in maps.items():
        if 'route.conf' in m:
            route(tap, m['route.conf'], secrets)


def route(tap, text, secrets):
    """The program takes the file; its key files are those of the secret."""
    with tempfile.NamedTemporaryFile('w', suffix='.conf') as f:
        f.write(text)
        f.flush()
        p = subprocess.run([os.path.join(BUILD, 'aitrace-ship'), '--route',
                            f.name, '--dry-run'], stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    tap.equal((p.returncode, p.stderr.decode()), (0, ''),
              'k8s: aitrace-ship takes the route file')
    files = set(re.findall(r'-file /keys/(\S+)', text))
    tap.equal(files, {k for s in secrets.values() for k in s},
              'k8s: its key files are those of the secret')


def collector(tap):
    (c,) = load(TOP + '/contrib/collector/config.yaml')
    pipelines = c['service']['pipelines']
    bad = []
    for name, p in pipelines.items():
        for part in ('receivers', 'processors', 'exporters'):
            bad += ['%s: %s %s' % (name, part, x) for x in p[part]
                    if x not in c[part]]
    bad += [x for x in c['service']['extensions'] if x not in c['extensions']]
    for x in c['exporters'].values():
        for ref in (x.get('auth', {}).get('authenticator'),
                    x.get('sending_queue', {}).get('storage')):
            if ref and ref not in c['service']['extensions']:
                bad.append(ref)
    tap.equal(bad, [], 'collector: everything it names is there')
    used = {x for p in pipelines.values() for part in (
        'receivers', 'processors', 'exporters') for x in p[part]}
    tap.equal(used, set(c['receivers']) | set(c['processors']) |
              set(c['exporters']), 'collector: and is used')
    tap.equal(sorted(pipelines), ['logs', 'metrics', 'traces'],
              'collector: all signals')
    lf = [x for x in pipelines['traces']['exporters'] if 'langfuse' in x]
    tap.ok(lf and lf[0] not in pipelines['logs']['exporters'] +
           pipelines['metrics']['exporters'],
           'collector: Langfuse gets traces only')
    e = c['exporters'][lf[0]]
    tap.ok(e['endpoint'].endswith('/api/public/otel') and
           e['headers'] == {'x-langfuse-ingestion-version': '4'},
           'collector: the endpoint, and the header')
    where = c['receivers']['otlp']['protocols']['http']['endpoint']
    text = open(TOP + '/contrib/collector/config.yaml').read()
    tap.ok('--to collector=http://' + where in text,
           'collector: the address is the one that is told')


def alloy(tap):
    text = open(TOP + '/contrib/alloy/config.alloy').read()
    code = re.sub(r'//[^\n]*', '', re.sub(r'"(?:\\.|[^"\\])*"', '""', text))
    depth = bad = 0
    for ch in code:
        depth += (ch in '{[(') - (ch in '}])')
        bad += depth < 0
    tap.ok(depth == 0 and not bad, 'alloy: brackets match')
    blocks = re.findall(r'^([a-z_.]+) "([a-z]+)" \{$', text, flags=re.M)
    tap.equal(len(set(blocks)), len(blocks), 'alloy: one of each name')
    have = {'%s.%s' % b for b in blocks}
    used = set(re.findall(r'(otelcol\.[a-z_.]+)\.(?:input|handler)\b', code))
    tap.equal(used - have, set(), 'alloy: everything it names is there')
    tap.equal(have - used, {'otelcol.receiver.otlp.aitrace'},
              'alloy: and is used')
    langfuse = text[text.index('otlphttp "langfuse"'):].split('\n}\n')[0]
    tap.ok('/api/public/otel"' in langfuse and
           '"x-langfuse-ingestion-version" = "4"' in langfuse and
           'logs    = [otelcol.exporter.otlphttp.langfuse' not in text,
           'alloy: Langfuse gets traces, with its header')
    where = re.search(r'http \{\s*endpoint = "([^"]+)"', text).group(1)
    tap.ok('--to alloy=http://' + where in text,
           'alloy: the address is the one that is told')


def main():
    tap = Tap()
    k8s(tap)
    collector(tap)
    alloy(tap)
    tap.done()


if __name__ == '__main__':
    main()
