import { RISKS, type Risk, type RiskClass } from '../catalogue/risk.js';

interface Rated {
  risk: Risk;
  classes: readonly RiskClass[];
}

/** Whether a request with this rating disturbs its gateway, so that it needs a slot: it interrupts service, loses data or may cut MQTT. */
export function disturbs({ risk, classes }: Rated): boolean {
  return RISKS.indexOf(risk) >= RISKS.indexOf('disruptive') || classes.includes('cuts-mqtt');
}

/** Whether a stop holds a request with this rating: all but those that only read. */
export function canBeStopped({ risk, classes }: Rated): boolean {
  return risk !== 'read' || classes.length > 0;
}
