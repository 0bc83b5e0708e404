import type { ToldLater } from '../manager/audit/audited.js';

const MAX_LENGTH = 500;

/** What an audit entry says of a stop, which may still be anything. One of a job concerns the gateways of that job. */
export function stopSubject({
  scope,
  value,
  reason,
}: {
  scope?: unknown;
  value?: unknown;
  reason?: unknown;
}): ToldLater {
  const texts = Object.entries({ scope, value, reason }).flatMap(([name, one]) =>
    typeof one === 'string' ? [[name, one.slice(0, MAX_LENGTH)]] : [],
  );
  const detail: Record<string, string> = Object.fromEntries(texts);
  return { ...(detail.scope === 'job' && { job: detail.value ?? null }), detail };
}
