// For kernels that include this by themselves.
#include "../emulated.h"
