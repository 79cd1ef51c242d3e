import { archiveDataset } from './archive-images';
import type { Dataset, DatasetDescription } from './dataset';
import { fileDataset } from './file-dataset';
import { packedDataset } from './packed-dataset';
import { subsetDataset } from './subset';

/** Rebuilds a data set in a worker from what `describe` gave. */
export function restoreDataset(description: DatasetDescription): Dataset {
  switch (description.kind) {
    case 'packed':
      return packedDataset(description);
    case 'files':
      return fileDataset(description);
    case 'archives':
      return archiveDataset(description);
    case 'subset':
      return subsetDataset(restoreDataset(description.of), description.indices);
  }
}
