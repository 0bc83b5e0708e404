import type { NodeRedProcess } from './node-red-process.js';

/** The samples of a text in Prometheus's format by their names, with labels as they stand there. */
export function metricsIn(text: string): Map<string, number> {
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    samples.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

/** Those of a started Node-RED. */
export async function metricsOf({ url, token }: NodeRedProcess): Promise<Map<string, number>> {
  const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  return metricsIn(await response.text());
}

/** The sum of a metric over all labels, or over those samples that have this label. */
export function sumOf(metrics: Map<string, number>, name: string, label = ''): number {
  let total = 0;
  for (const [key, value] of metrics) {
    if (key.startsWith(`${name}{`) && key.includes(label)) total += value;
  }
  return total;
}
