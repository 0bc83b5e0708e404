import { RISKS, type Risk, type RiskClass } from '../catalogue/risk.js';

interface Rated {
  risk: Risk;
  classes: readonly RiskClass[];
}

/** Whether a request with this rating disturbs its gateway, so that it needs a slot: it interrupts service, loses data or may cut MQTT. */
export function disturbs({ risk, classes }: Rated): boolean {
  return RISKS.indexOf(risk) >= RISKS.indexOf('disruptive') || classes.includes('cuts-mqtt');
}
