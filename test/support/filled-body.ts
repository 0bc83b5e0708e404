/** As many placeholders as a job nearly may have. */
const FILLED = 190;

/** The body of a request of a job with so many fields, the first of which are others for each gateway. */
export function filledBody(fields: number): object {
  const textFor = (index: number) => (index < FILLED ? 'v{{gateway.clientid}}' : 'v of all the gateways');
  return { list: Array.from({ length: fields }, (_, index) => ({ [`k${index}`]: textFor(index) })) };
}
