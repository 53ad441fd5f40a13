// Copyright: (c) 2026, saferestart.k8s contributors
// SPDX-License-Identifier: GPL-3.0-or-later
module saferestart.k8s/tests/workloads

go 1.21
