import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';

const root = fileURLToPath(new URL('.', import.meta.url));
const promtool = spawnSync('promtool', ['--version']).status === 0;

interface Rule {
  alert: string;
  expr: string;
  for: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

interface PrometheusRule {
  spec: { groups: { name: string; rules: Rule[] }[] };
}

describe('the rollback alerts', () => {
  const rules = (): Rule[] => {
    const manifest = parse(readFileSync(join(root, 'monitoring/rollback-alerts.yaml'), 'utf8')) as PrometheusRule;
    return manifest.spec.groups.flatMap((group) => group.rules);
  };

  it('have the rule of the guide as it is', () => {
    expect(rules()[0]).toMatchObject({
      alert: 'HighErrorRate',
      expr: 'rate(http_requests_total{status=~"5.."}[5m]) > 0.1',
      for: '5m',
      annotations: { description: 'High error rate detected, consider rollback' },
    });
  });

  it('have the ratio beside it, with a minimum of traffic, a severity and a runbook that exists', () => {
    const ratio = rules().find((rule) => rule.alert === 'HighErrorRatio');
    expect(ratio).toMatchObject({ alert: 'HighErrorRatio', for: '2m', labels: { severity: 'critical' } });
    expect(ratio?.expr).toMatch(/^\(\n.*status=~"5\.\.".*\n\s*\/\n[\s\S]*\) > 0\.05\nand\n.* > 0\.2\n$/);
    const anchor = ratio?.annotations.runbook_url?.split('#')[1];
    const headings = readFileSync(join(root, 'README.md'), 'utf8').match(/^## .*$/gm) ?? [];
    expect(headings.map((heading) => heading.slice(3).toLowerCase().replaceAll(' ', '-'))).toContain(anchor);
  });

  it.skipIf(!promtool)('are accepted by promtool, and fire for what they should (needs promtool)', () => {
    const folder = mkdtempSync(join(tmpdir(), 'rollback-alerts-'));
    try {
      writeFileSync(join(folder, 'rules.yaml'), stringify({ groups: [{ name: 'deployment', rules: rules() }] }));
      writeFileSync(join(folder, 'test.yaml'), stringify(ruleTest()));
      const checked = spawnSync('promtool', ['check', 'rules', 'rules.yaml'], { cwd: folder, encoding: 'utf8' });
      expect(checked.status, checked.stderr).toBe(0);
      const tested = spawnSync('promtool', ['test', 'rules', 'test.yaml'], { cwd: folder, encoding: 'utf8' });
      expect(tested.status, tested.stdout + tested.stderr).toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/**
 * Three services, one sample every 15 s, asked after ten minutes: `bad` fails 30 % of 1 request/s; `busy` fails 1 in 1,000 of 400/s (the
 * guide's rule fires, the ratio does not); `probed` is fine and has an unready pod whose probe gets 503 (the same).
 */
function ruleTest(): unknown {
  const series = (labels: string, perSample: number) => ({
    series: `http_requests_total{namespace="n",pod="p",${labels}}`,
    values: `0+${perSample}x80`,
  });
  return {
    rule_files: ['rules.yaml'],
    evaluation_interval: '15s',
    tests: [
      {
        interval: '15s',
        input_series: [
          series('service="bad",path="/",status="200"', 10.5),
          series('service="bad",path="/",status="500"', 4.5),
          series('service="busy",path="/",status="200"', 5_994),
          series('service="busy",path="/",status="500"', 6),
          series('service="probed",path="/",status="200"', 15),
          series('service="probed",path="/readyz",status="503"', 15),
        ],
        promql_expr_test: [
          {
            expr: 'count by (alertname, service) (ALERTS{alertstate="firing"})',
            eval_time: '10m',
            exp_samples: [
              { labels: '{alertname="HighErrorRate", service="bad"}', value: 1 },
              { labels: '{alertname="HighErrorRate", service="busy"}', value: 1 },
              { labels: '{alertname="HighErrorRate", service="probed"}', value: 1 },
              { labels: '{alertname="HighErrorRatio", service="bad"}', value: 1 },
            ],
          },
        ],
      },
    ],
  };
}
