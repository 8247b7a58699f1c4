// Sends two spans, two logs and a few metrics with the real OpenTelemetry
// exporters and prints, as JSON, how each export ended.
// usage: otel-client.js MODULES http|proto|grpc none|gzip ENDPOINT
'use strict';
const [, , modules, kind, compression, endpoint] = process.argv;
const need = (name) =>
  require(require.resolve('@opentelemetry/' + name, { paths: [modules] }));
const sdkTrace = need('sdk-trace-base');
const sdkLogs = need('sdk-logs');
const sdkMetrics = need('sdk-metrics');
const { resourceFromAttributes } = need('resources');
const resource = resourceFromAttributes({
  'service.name': 'recv-test', 'n': 3, 'list': ['a', 'b'],
});
const results = {};

function options(path) {
  const url = kind === 'grpc' ? endpoint : endpoint + path;
  return { url, compression, timeoutMillis: 20000 };
}

// Sees what the exporter's own export() says about each request.
function watched(exporter, name) {
  const inner = exporter.export.bind(exporter);
  exporter.export = (items, done) => inner(items, (r) => {
    results[name] = r.code === 0
      ? 'ok' : String((r.error && r.error.message) || 'failed');
    done(r);
  });
  return exporter;
}

async function traces() {
  const { OTLPTraceExporter } = need('exporter-trace-otlp-' + kind);
  const provider = new sdkTrace.BasicTracerProvider({
    resource,
    spanProcessors: [new sdkTrace.BatchSpanProcessor(
      watched(new OTLPTraceExporter(options('/v1/traces')), 'traces'))],
  });
  const tracer = provider.getTracer('client', '1.2.3');
  const a = tracer.startSpan('first', {
    attributes: { big: 9007199254740991, f: 1.5, s: 'h\u00e9llo \u2713', b: true },
  });
  a.addEvent('event', { n: 1 });
  a.end();
  const b = tracer.startSpan('second');
  b.setStatus({ code: 2, message: 'went wrong' });
  b.end();
  await provider.forceFlush();
  await provider.shutdown();
}

async function logs() {
  const { OTLPLogExporter } = need('exporter-logs-otlp-' + kind);
  const processor = new sdkLogs.BatchLogRecordProcessor({
    exporter: watched(new OTLPLogExporter(options('/v1/logs')), 'logs'),
  });
  const provider = new sdkLogs.LoggerProvider({
    resource, processors: [processor],
  });
  const logger = provider.getLogger('client', '1.2.3');
  logger.emit({ body: 'one', severityNumber: 9, severityText: 'INFO' });
  logger.emit({ body: 'two', attributes: { k: 'v' } });
  await provider.forceFlush();
  await provider.shutdown();
}

async function metrics() {
  const { OTLPMetricExporter } = need('exporter-metrics-otlp-' + kind);
  const reader = new sdkMetrics.PeriodicExportingMetricReader({
    exporter: watched(new OTLPMetricExporter(options('/v1/metrics')),
      'metrics'),
    exportIntervalMillis: 3600000,
  });
  const provider = new sdkMetrics.MeterProvider({
    resource, readers: [reader],
  });
  const meter = provider.getMeter('client', '1.2.3');
  // Instruments count in doubles unless told otherwise.
  meter.createCounter('count').add(7, { a: 'b' });
  meter.createHistogram('hist').record(12.5);
  // Shutting down exports, once; flushing before would do it twice.
  await provider.shutdown();
}

(async () => {
  await traces();
  await logs();
  await metrics();
  console.log(JSON.stringify(results));
})().catch((e) => { console.log(String(e.stack)); process.exit(1); });
