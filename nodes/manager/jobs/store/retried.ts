/** Executions that have failed, and that are tried again with all others: nothing is done twice by it. */
export const RETRIED_TOGETHER = `execution.state in ('FAILED', 'TIMED_OUT') and (not execution.is_uncertain or execution.may_repeat)`;

/** Those that are not: whether they were done is not known, so a person decides on each. */
export const RETRIED_ALONE = `(execution.state in ('FAILED', 'TIMED_OUT') and execution.is_uncertain and not execution.may_repeat)`;
