/** How a virtual gateway misbehaves; what is left out is well. */
export interface GatewayFaults {
  /** Answers nothing. */
  silent?: boolean;
  /** Answers so much later, ms. */
  slowMs?: number;
  /** Answers with half of the JSON. */
  brokenJson?: boolean;
  /** Answers twice. */
  duplicateAnswers?: boolean;
  /** Answers with another request id. */
  wrongRequestId?: boolean;
  /** Its clock runs ahead by so much, ms; negative: behind. */
  clockOffsetMs?: number;
  /** Publishes its answers retained. */
  retainedAnswer?: boolean;
  /** Answers with so many bytes of payload. */
  hugeAnswerBytes?: number;
  /** Answers every request with this error status. */
  errorStatus?: number;
}
