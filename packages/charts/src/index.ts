export { type AlignedLines, aligned, type ChartView } from './align';
export { seedBand } from './band';
export { type ChartControls, chartControls } from './browser/controls';
export { type LineChart, type LineChartOptions, lineChart } from './browser/line-chart';
export type { LineChartData, PlotAxis, PlotLine, PlotPoint, PlotRule } from './chart-data';
export { formatTime, formatValue } from './format';
export { colorsOf, palette } from './palette';
export { smoothed } from './smooth';
export { thinned } from './thin';
