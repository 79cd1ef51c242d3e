export { type UsageAdvice, UsageError } from './errors';
export {
  type EvaluateNetworkOptions,
  evaluateNetwork,
  type NetworkEvaluation,
} from './evaluation/evaluate';
export { findImageFiles, type ImageFilesFound } from './evaluation/image-files';
export {
  type ClassProbability,
  type ImagePredictor,
  type ImagePredictorOptions,
  imagePredictor,
} from './evaluation/predict';
export { type FilePrediction, type PredictFilesOptions, predictFiles } from './evaluation/predict-files';
export { preprocessingFor, preprocessingOfWeights } from './evaluation/preprocessing';
export { type Image, type NormalizedImage, type Preprocessing, preprocessImage } from './evaluation/single-view';
export { networkOfRun, networkOfWeights, type TrainedNetwork } from './evaluation/trained-network';
export type { ClassResult } from './findings/by-class';
export { changesOf, type OnNote } from './note';
export { isResidual, recipeArchitecture } from './recipe/architecture';
export { didYouMean } from './recipe/did-you-mean';
export { explainRecipe, formatDuration, type RecipeFacts } from './recipe/explain';
export { type RecipeFactsOptions, recipeFacts } from './recipe/facts';
export { paperError } from './recipe/paper';
export { recipes } from './recipe/presets';
export { loadRecipe, parseRecipe, type RecipeChanges, withChanges, withSetting, withSettings } from './recipe/resolve';
export {
  modelOptionNames,
  placeOf,
  placeOptions,
  type Recipe,
  type RecipeModel,
  type RecipeSchedule,
  type RunPlace,
  recipeSchema,
  watchOptions,
} from './recipe/schema';
export { augmentModule } from './run/augmentation';
export type { BrokenImages } from './run/broken-images';
export { describeEnvironment, type Environment } from './run/environment';
export { type FindRecipeRateOptions, findRecipeRate } from './run/find-rate';
export { describeHardware } from './run/hardware';
export { openData, openRunImages, type RunImages, representativeImages, testSplitOf } from './run/images';
export { type NetworkBuilder, networkOf } from './run/network';
export { joinProcesses } from './run/processes';
export type { RunResult } from './run/result';
export { runFiles } from './run/run-files';
export { type RunOutcome, type RunRecipeOptions, runRecipe } from './run/run-recipe';
export {
  loadRun,
  metricsOf,
  type PreprocessingFile,
  preparedOf,
  type RecipeFile,
  recipeHash,
  requireRun,
  resultOf,
  type SavedRun,
  trainsTheSame,
} from './run/saved-run';
export { type ComputePlace, startBackend } from './run/start-backend';
export { type FetchWeightsOptions, fetchWeights, weightsPath } from './weights/fetch-weights';
export { type NetworkDescription, toMetadata } from './weights/metadata';
export { type OpenPretrainedOptions, openPretrained, type Pretrained } from './weights/pretrained';
export { type PublishedWeights, publishedWeights } from './weights/published';
export { loadRecipeFromWeights, type StartingWeights, startFromWeights } from './weights/start-from';
