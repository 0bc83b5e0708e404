import { needsConfirmation, type Rating, signsOf } from '../../manager/catalogue/risk.ts';
import { CallError, call } from './calls.ts';
import { faultLine } from './fault-words.ts';
import { pickGateway } from './gateway-input.ts';
import type { CommandRecord } from './model.ts';
import { words } from './words.ts';

export interface Trial extends Rating {
  /** The command: `requestBody`, with `operation` and `params` or with `path` and `method`. */
  request: Record<string, unknown>;
  /** JSON Pointers of values that only a message brings. */
  unknown: readonly string[];
}

const WAIT_MS = 20_000;

/**
 * Sets up the part of the form that tries a command on one gateway. `trial` resolves with the current command and its risk. It asks the
 * server for the risk again, because an earlier answer may be about the form before the last change.
 */
export function tryIt(server: () => string, trial: () => Promise<Trial>): { close(): void } {
  let isClosed = false;
  const gateway = $('#tpe-command-try-gateway');
  const button = $('#tpe-command-try');
  const state = $('#tpe-command-try-state');
  const answer = $('#tpe-command-try-answer');
  pickGateway(gateway, server);
  const mayWrite = RED.user.hasPermission('tpe.write');
  button.prop('disabled', !mayWrite).attr('title', mayWrite ? '' : words('error.permission'));

  button.on('click', () => {
    answer.empty();
    tell('open', '');
    begin().catch((error: unknown) => tell('bad', error instanceof Error ? error.message : String(error)));
  });

  async function begin(): Promise<void> {
    const clientid = String(gateway.val() ?? '').trim();
    if (clientid === '') return tell('bad', words('error.noGateway'));
    const { unknown, request, ...rating } = await trial();
    if (unknown.length > 0) return tell('bad', words('error.unknownValues', { places: unknown.join(', ') }));
    if (needsConfirmation(rating)) return ask(clientid, rating, request);
    await run(clientid, request);
  }

  /** Asks for a confirmation. For a destructive command, the person has to type the client id. Otherwise a click is enough. */
  function ask(clientid: string, rating: Rating, request: Trial['request']): void {
    const { risk, classes } = rating;
    const says = signsOf(rating).includes(risk) ? risk : 'harm';
    const question = $('<div>').append(
      $('<p>')
        .text(words(`confirm.${says}`, { clientid: '' }))
        .append($('<b>').text(clientid)),
      classes.map((one) =>
        $('<p>')
          .attr('data-class', one)
          .text(words(`riskClass.${one}`)),
      ),
    );
    const typed = $('<input type="text" autocomplete="off">').attr({
      id: 'tpe-command-confirm',
      'aria-label': words('confirm.type'),
      placeholder: words('confirm.type'),
    });
    if (risk === 'destructive') question.append(typed);
    const notice = RED.notify(question, {
      type: 'warning',
      modal: true,
      fixed: true,
      buttons: [
        { text: words('label.cancel'), click: () => notice.close() },
        {
          text: words('label.send'),
          class: 'primary tpedm-confirm',
          click() {
            if (risk === 'destructive' && String(typed.val()) !== clientid)
              return void typed.trigger('focus');
            notice.close();
            void run(clientid, request, clientid);
          },
        },
      ],
    });
  }

  async function run(clientid: string, request: Trial['request'], confirm?: string): Promise<void> {
    button.prop('disabled', true);
    try {
      let record = await call<CommandRecord>('tpe/try', {
        server: server(),
        clientid,
        ...request,
        confirm,
      });
      show(record);
      while (!isClosed && (record.state === 'QUEUED' || record.state === 'SENT')) {
        const { requestId } = record;
        record = await call<CommandRecord>('tpe/command', { server: server(), requestId, waitMs: WAIT_MS });
        show(record);
      }
    } catch (error) {
      tell('bad', error instanceof CallError ? error.message : String(error));
    } finally {
      button.prop('disabled', !mayWrite);
    }
  }

  function show(record: CommandRecord): void {
    const isGood = record.state === 'SUCCEEDED';
    const isOpen = record.state === 'QUEUED' || record.state === 'SENT';
    const facts = [record.state];
    if (record.answer) facts.push(String(record.answer.status));
    if (record.latencyMs !== null) facts.push(`${record.latencyMs} ms`);
    if (record.reason !== null) facts.push(record.reason);
    tell(isOpen ? 'open' : isGood ? 'good' : 'bad', facts.join(' · '));
    answer.empty();
    if (record.answer) {
      const text = JSON.stringify(record.answer.payload, null, 2);
      $('<pre>').addClass('tpedm-preview').text(text).appendTo(answer);
    }
    for (const fault of isGood ? record.faults : []) {
      $('<div>').addClass('tpedm-warning').text(faultLine(fault)).appendTo(answer);
    }
  }

  function tell(kind: 'good' | 'bad' | 'open', text: string): void {
    state.attr('class', `tpedm-state tpedm-state-${kind}`).text(text);
  }

  return {
    close() {
      isClosed = true;
    },
  };
}
