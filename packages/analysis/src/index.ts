export {
  type LineChartData,
  type PlotAxis,
  type PlotLine,
  type PlotPoint,
  type PlotRule,
  palette,
} from '@resnet/charts';
export { AnalysisError } from './analysis-error';
export { comparisonAsTable, formatWithSpread } from './comparison/as-table';
export {
  type CurveDataOptions,
  type CurveOptions,
  type CurveQuantity,
  curveData,
  errorCurves,
} from './comparison/curves';
export { bySeeds, type MeasuredError, type RunRecord } from './comparison/run';
export { type ComparisonRow, comparisonTable } from './comparison/table';
export { comparisonVerdicts, describeDifference, type Measurements } from './comparison/verdict';
export { mapBetweenLayers } from './network/between';
export { type GradientGain, gradientGains } from './network/gradient-gains';
export { gradientNorms, type LayerGradient, withoutSideEffects } from './network/gradients';
export { type ResidualAddition, residualAdditions, responseLayers } from './network/graph';
export { type BlockJacobian, blockJacobians, type IdentityBlock, identityBlocks } from './network/identity-blocks';
export { type JacobianSummary, jacobian, type SampleMap, summarizeJacobian } from './network/jacobian';
export { type ResidualRatio, residualRatios } from './network/residual-ratio';
export { type LayerResponse, layerResponses, rankResponses } from './network/responses';
export { type BarPlotOptions, barPlot, type PlotBar } from './plot/bars';
export type { FigureOptions } from './plot/figure';
export { type GalleryPicture, galleryPlot } from './plot/gallery';
export type { LegendEntry } from './plot/legend';
export { type LinePlotOptions, linePlot } from './plot/lines';
export { type MatrixPlotOptions, matrixPlot } from './plot/matrix';
export { toPng } from './plot/png';
export { type Calibration, type CalibrationBin, calibration } from './predictions/calibration';
export {
  type ClassifiedImage,
  type ClassScores,
  classified,
  classScores,
  confusionMatrix,
  confusionOf,
  errorByClass,
} from './predictions/confusion';
export { type Misclassification, mostWrong, surestMistakes } from './predictions/most-wrong';
export { type ImageView, scoreViews } from './predictions/score-views';
export { argMax, type ScoredImage } from './predictions/scored';
export {
  type Findings,
  htmlReport,
  lineFigure,
  type Report,
  type ReportFigure,
  type ReportSection,
  type ReportTable,
} from './report/report';
export { type TextTableOptions, textTable } from './report/text-table';
export { type SampleSummary, summarizeSample } from './statistics/summary';
export { type MeanDifference, welchInterval } from './statistics/welch';
