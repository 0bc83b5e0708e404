import { throughJson } from '../../manager/commands/body-text.ts';
import { words } from './words.ts';

/** What a route of ours answered when it refused. */
export class CallError extends Error {
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** Asks a route of ours: `tpe/check`. Rejects with a CallError in words. */
export function call<Answer>(route: string, body: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    $.ajax({
      url: route,
      type: 'POST',
      contentType: 'application/json',
      data: JSON.stringify(throughJson(body)),
    })
      .done((answer: Answer) => resolve(answer))
      .fail((response: JQuery.jqXHR) => {
        const { error, code } = (response.responseJSON ?? {}) as { error?: string; code?: string };
        const refused = response.status === 401 || response.status === 403;
        const text = error ?? words(refused ? 'error.permission' : 'error.unreachable');
        reject(new CallError(text, code ?? String(response.status)));
      });
  });
}

/** Runs only the last of calls that follow each other quickly, and tells only the answer to the last. */
export function lastOf<Answer>(waitMs: number, ask: () => Promise<Answer>, tell: (answer: Answer) => void) {
  let timer: number | undefined;
  let number = 0;
  return () => {
    window.clearTimeout(timer);
    number += 1;
    const own = number;
    timer = window.setTimeout(() => {
      ask().then(
        (answer) => own === number && tell(answer),
        () => undefined,
      );
    }, waitMs);
  };
}
