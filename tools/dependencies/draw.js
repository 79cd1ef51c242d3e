// Draws who imports whom among the packages. A test fails when the picture is not what this writes.
import { writeFileSync } from 'node:fs';
import { packagePicture } from './picture.js';
import { readPackages } from './read-packages.js';

writeFileSync('docs/figures/packages.svg', await packagePicture(readPackages()));
