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

/** Finds gateways as they are typed, for Node-RED's autoComplete. */
export function gatewaySearch(server: () => string) {
  return (search: string, done: (completions: Completion[]) => void) => {
    call<ShortGateway[]>('tpe/gateways', { server: server(), search }).then(
      (gateways) => done(gateways.map(completionOf)),
      () => done([]),
    );
  };
}

/** Lets a gateway be picked in a plain field, which may hold other things too. */
export function pickGateway(field: JQuery, server: () => string): void {
  (field as JQuery & { autoComplete(options: object): void }).autoComplete({
    search: gatewaySearch(server),
    minLength: 1,
  });
}

/** The type of a typed input in which a gateway is picked; its value is a client id, kept as a plain text. */
export function gatewayType(label: string, server: () => string) {
  return {
    value: 'str',
    label,
    icon: 'fa fa-microchip',
    autoComplete: gatewaySearch(server),
  } as unknown as { value: string };
}

/** Names of gateways come from outside: they are text here, never HTML. */
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
