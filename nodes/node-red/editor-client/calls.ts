import { throughJson } from '../../manager/commands/body-text.ts';
import { words } from './words.ts';

/** The refusal of a route of this pack. `code` is that of the TpeError, else the HTTP status. */
export class CallError extends Error {
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** Calls a route of this pack, such as `tpe/check`. Rejects with a CallError whose message is for a person. */
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

/**
 * Returns a function that calls `ask` once no further call has come for `waitMs` milliseconds. Passes only the answer to the newest call
 * to `tell`, and ignores errors.
 */
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
