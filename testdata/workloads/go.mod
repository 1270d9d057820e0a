// SPDX-License-Identifier: Apache-2.0

module traceworkloads

go 1.19
