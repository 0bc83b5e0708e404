import { call } from './calls.ts';

interface ShortGateway {
  clientid: string;
  hostName: string | null;
  modelName: string | null;
  status: string;
}

interface Completion {
  value: string;
  label: JQuery;
}

/** Creates the search for Node-RED's autoComplete. It finds gateways while a person types, and nothing if the call fails. */
export function gatewaySearch(server: () => string) {
  return (search: string, done: (completions: Completion[]) => void) => {
    call<ShortGateway[]>('tpe/gateways', { server: server(), search }).then(
      (gateways) => done(gateways.map(completionOf)),
      () => done([]),
    );
  };
}

/** Suggests gateways in a plain text field. The field may also hold other text. */
export function pickGateway(field: JQuery, server: () => string): void {
  (field as JQuery & { autoComplete(options: object): void }).autoComplete({
    search: gatewaySearch(server),
    minLength: 1,
  });
}

/** The type of a typed input in which a person picks a gateway. Its value is a client id, stored as a string. */
export function gatewayType(label: string, server: () => string) {
  return {
    value: 'str',
    label,
    icon: 'fa fa-microchip',
    autoComplete: gatewaySearch(server),
  } as unknown as { value: string };
}

/** Inserts names as text and never as HTML, because gateways choose their names themselves. */
function completionOf({ clientid, hostName, modelName, status }: ShortGateway): Completion {
  const label = $('<div>').addClass('tpedm-gateway');
  $('<span>').addClass(`tpedm-dot tpedm-dot-${status}`).attr('title', status).appendTo(label);
  $('<span>').text(clientid).appendTo(label);
  $('<span>')
    .addClass('tpedm-quiet')
    .text([hostName, modelName].filter((text) => text !== null).join(', '))
    .appendTo(label);
  return { value: clientid, label };
}
