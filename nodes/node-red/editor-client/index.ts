import { tellFlowNews } from './flow-news.ts';
import { checkRequestsAgain } from './request-marks.ts';
import styles from './styles.css?inline';

export { alarmRules } from './alarm-rules.ts';
export { commandForm } from './command-form.ts';
export { customOperations } from './custom-operations.ts';
export { gatewayType, pickGateway } from './gateway-input.ts';
export { jobPreview } from './job-preview.ts';
export { checked } from './validity.ts';
export { registerWidget } from './widget.ts';

document.head.appendChild(document.createElement('style')).textContent = styles;
// A server that was just deployed may have more operations.
RED.events.on('deploy', checkRequestsAgain);
RED.events.on('flows:loaded', tellFlowNews);
