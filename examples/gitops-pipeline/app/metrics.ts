/**
 * The three metrics of the application in the Prometheus text format.
 * Source: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */

/** Upper bounds in seconds; the defaults of the Prometheus client libraries. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

interface Histogram {
  /** Observations at or below each bound of BUCKETS. */
  cumulative: number[];
  count: number;
  /** Seconds. */
  sum: number;
}

export interface HandledRequest {
  method: string;
  /** The route, never the raw path: every distinct value is a time series for ever. */
  path: string;
  status: number;
  seconds: number;
}

export class Metrics {
  readonly #version: string;
  readonly #requests = new Map<string, number>();
  readonly #durations = new Map<string, Histogram>();

  constructor(version: string) {
    this.#version = version;
  }

  count(request: HandledRequest): void {
    const route = labels({ method: request.method, path: request.path });
    const series = labels({ method: request.method, path: request.path, status: String(request.status) });
    this.#requests.set(series, (this.#requests.get(series) ?? 0) + 1);
    const histogram = this.#durations.get(route) ?? { cumulative: BUCKETS.map(() => 0), count: 0, sum: 0 };
    histogram.cumulative = histogram.cumulative.map((seen, index) => (request.seconds <= (BUCKETS[index] ?? 0) ? seen + 1 : seen));
    histogram.count += 1;
    histogram.sum += request.seconds;
    this.#durations.set(route, histogram);
  }

  /** The body of `/metrics`. */
  text(): string {
    const lines = [
      '# HELP app_info The running version.',
      '# TYPE app_info gauge',
      `app_info{${labels({ version: this.#version })}} 1`,
      '# HELP http_requests_total Requests answered, by route and status.',
      '# TYPE http_requests_total counter',
      ...[...this.#requests].map(([series, count]) => `http_requests_total{${series}} ${count}`),
      '# HELP http_request_duration_seconds Time from the request to the end of its answer.',
      '# TYPE http_request_duration_seconds histogram',
      ...[...this.#durations].flatMap(([route, histogram]) => histogramLines(route, histogram)),
    ];
    return `${lines.join('\n')}\n`;
  }
}

function histogramLines(route: string, histogram: Histogram): string[] {
  const name = 'http_request_duration_seconds';
  return [
    ...BUCKETS.map((bound, index) => `${name}_bucket{${route},le="${bound}"} ${histogram.cumulative[index]}`),
    `${name}_bucket{${route},le="+Inf"} ${histogram.count}`,
    `${name}_sum{${route}} ${histogram.sum}`,
    `${name}_count{${route}} ${histogram.count}`,
  ];
}

function labels(pairs: Record<string, string>): string {
  return Object.entries(pairs)
    .map(([name, value]) => `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`)
    .join(',');
}
