import { script, style } from 'page:browser/report-page';

/**
 * For pages that must be one file: a script, without imports, that turns each `figure.alive` with data beside its picture (a
 * `script` of type `application/json` that holds a `LineChartData`) into a chart. Put it at the end of the body.
 */
export const chartScript: string = script;

/** The style sheet of {@link chartScript}. */
export const chartStyle: string = style;
