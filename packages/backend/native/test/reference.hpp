// The kernels as their formulas say, in double precision, one value at a time.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

using Values = std::vector<float>;

/** A convolution. NHWC. */
struct Convolution {
  int n, h, w, c, kernelHeight, kernelWidth, k, stride, dilation, top, left, oh, ow;

  size_t inputs() const { return (size_t)n * h * w * c; }
  size_t outputs() const { return (size_t)n * oh * ow * k; }
  size_t filters() const { return (size_t)kernelHeight * kernelWidth * c * k; }

  /** Calls `f(x, filter, y)` for the indices of every product, channels in the innermost loops. */
  template <class F> void each(F f) const {
    for (int i = 0; i < n; i++)
      for (int oy = 0; oy < oh; oy++)
        for (int ox = 0; ox < ow; ox++)
          for (int r = 0; r < kernelHeight; r++)
            for (int s = 0; s < kernelWidth; s++) {
              const int y = oy * stride + r * dilation - top, x = ox * stride + s * dilation - left;
              if (y < 0 || y >= h || x < 0 || x >= w) continue;
              const size_t in = (((size_t)i * h + y) * w + x) * c, out = (((size_t)i * oh + oy) * ow + ox) * k;
              const size_t weight = ((size_t)r * kernelWidth + s) * c * k;
              for (int a = 0; a < c; a++)
                for (int b = 0; b < k; b++) f(in + a, weight + (size_t)a * k + b, out + b);
            }
  }
};

inline Values rounded(const std::vector<double> &values) { return Values(values.begin(), values.end()); }

inline Values convolve(const Convolution &p, const Values &x, const Values &w) {
  std::vector<double> y(p.outputs());
  p.each([&](size_t i, size_t j, size_t o) { y[o] += (double)x[i] * w[j]; });
  return rounded(y);
}
inline Values inputGradient(const Convolution &p, const Values &dy, const Values &w) {
  std::vector<double> dx(p.inputs());
  p.each([&](size_t i, size_t j, size_t o) { dx[i] += (double)dy[o] * w[j]; });
  return rounded(dx);
}
inline Values filterGradient(const Convolution &p, const Values &x, const Values &dy) {
  std::vector<double> dw(p.filters());
  p.each([&](size_t i, size_t j, size_t o) { dw[j] += (double)x[i] * dy[o]; });
  return rounded(dw);
}

/** Every value by `f(value, index, channel)`. */
inline Values mapped(const Values &x, int channels, const std::function<double(double, size_t, int)> &f) {
  Values y(x.size());
  for (size_t i = 0; i < x.size(); i++) y[i] = (float)f(x[i], i, (int)(i % channels));
  return y;
}

/** Σ f(index) by channel over rows `first` … `end`. */
inline std::vector<double> sums(int channels, int first, int end, const std::function<double(size_t)> &f) {
  std::vector<double> sum(channels);
  for (int row = first; row < end; row++)
    for (int i = 0; i < channels; i++) sum[i] += f((size_t)row * channels + i);
  return sum;
}
