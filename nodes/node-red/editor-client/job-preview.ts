import type { JobPreview } from '../../manager/jobs/job.ts';
import { call } from './calls.ts';
import type { CommandForm } from './command-form.ts';
import { selectedServer } from './command-request.ts';
import { jobOfForm } from './job-definition.ts';
import { words } from './words.ts';

/**
 * Sets up the part of the form of a tpe-job that says whom the job would reach, and with what. Nothing is recorded or sent for it. `name` is
 * that of the job where the form has none.
 */
export function jobPreview(name: string, form: Pick<CommandForm, 'request' | 'unknown'>): void {
  const button = $('#tpe-job-preview');
  const state = $('#tpe-job-preview-state');
  const answer = $('#tpe-job-preview-answer');
  const mayRead = RED.user.hasPermission('tpe.read');
  button.prop('disabled', !mayRead).attr('title', mayRead ? '' : words('error.permission'));
  const tell = (kind: 'good' | 'bad' | 'open', text: string) =>
    state.attr('class', `tpedm-state tpedm-state-${kind}`).text(text);

  async function look(): Promise<void> {
    const { definition, unknown } = jobOfForm(name, form);
    const places = unknown.join(', ');
    if (unknown.includes('/targets') || unknown.includes('/do'))
      return void tell('bad', words('jobPreview.unknown', { places }));
    if (places !== '')
      $('<div>').addClass('tpedm-quiet').text(words('jobPreview.without', { places })).appendTo(answer);
    show(await call<JobPreview>('tpe/job/preview', { server: selectedServer(), definition }));
  }

  function show({ total, reached, online, risk, seconds, limits, leftOut, bodies }: JobPreview): void {
    const facts = [
      words('jobPreview.reached', { reached, total, online }),
      words(`risk.${risk}`),
      words('jobPreview.seconds', { seconds: Math.ceil(seconds) }),
    ];
    tell(reached === total && total > 0 ? 'good' : 'bad', facts.join(' · '));
    for (const { scope, asked, count, first } of limits) {
      const named = first.map(({ value, max }) => (value === '' ? String(max) : `${value}: ${max}`));
      const where = [...named, ...(count > first.length ? ['…'] : [])].join(', ');
      $('<div>')
        .addClass('tpedm-warning')
        .text(words(`jobPreview.limit.${scope}`, { asked, where }))
        .appendTo(answer);
    }
    for (const { count, reason, clientids } of leftOut) {
      const text = words('jobPreview.leftOut', {
        count,
        reason: reason.text,
        clientids: clientids.join(', '),
      });
      $('<div>').addClass('tpedm-warning').text(text).appendTo(answer);
    }
    const sent = bodies.map(({ clientid, requests }) => [clientid, ...requests.map(lineOf)].join('\n'));
    if (sent.length > 0) $('<pre>').addClass('tpedm-preview').text(sent.join('\n\n')).appendTo(answer);
  }

  button.on('click', () => {
    answer.empty();
    tell('open', '');
    button.prop('disabled', true);
    look()
      .catch((error: unknown) => tell('bad', error instanceof Error ? error.message : String(error)))
      .finally(() => button.prop('disabled', false));
  });
}

function lineOf({ method, path, requestBody }: JobPreview['bodies'][number]['requests'][number]): string {
  const body = requestBody === undefined || requestBody === null ? '' : ` ${JSON.stringify(requestBody)}`;
  return `  ${method} ${path}${body}`;
}
