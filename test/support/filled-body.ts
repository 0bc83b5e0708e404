/** The body of a request of a job with so many fields, each of which is another one for each gateway. */
export function filledBody(fields: number): object {
  return { list: Array.from({ length: fields }, (_, index) => ({ [`k${index}`]: 'v{{gateway.clientid}}' })) };
}
