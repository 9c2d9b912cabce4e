const SUFFIX: Record<string, number> = {
  '': 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** The number that a Kubernetes quantity (`250m`, `64Mi`, `2`) means; NaN where malformed. Source: apimachinery pkg/api/resource. */
export function parseQuantity(text: string | number): number {
  const match = /^([+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)([numkMGTPE]?i?)$/.exec(String(text));
  if (!match) return Number.NaN;
  const factor = SUFFIX[match[2] ?? ''];
  return factor === undefined ? Number.NaN : Number(match[1]) * factor;
}
