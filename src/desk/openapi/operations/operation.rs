//! An operation: what it takes, who may, what it answers.

/// What a query parameter takes.
#[derive(Debug, Clone, Copy)]
pub(in crate::desk::openapi) enum Kind {
    /// Text.
    Text,
    /// A moment, RFC 3339.
    Time,
    /// A number from 0.
    Count,
    /// How many rows.
    Limit,
    /// `true` or `false`.
    Flag,
    /// One of these.
    OneOf(&'static [&'static str]),
}

/// A query parameter.
#[derive(Debug, Clone, Copy)]
pub(in crate::desk::openapi) struct Param {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Whether it must be there.
    pub required: bool,
}

/// What is answered when all is well.
#[derive(Debug, Clone, Copy)]
pub(in crate::desk::openapi) enum Answer {
    /// Nothing.
    Nothing,
    /// One of these.
    One(&'static str),
    /// A page of these.
    List(&'static str),
    /// Bytes of this kind.
    Bytes(&'static str),
}

/// Something the API does.
#[derive(Debug, Clone, Copy)]
pub(in crate::desk::openapi) struct Operation {
    /// HTTP method.
    pub method: &'static str,
    /// Path with its variables.
    pub path: &'static str,
    /// In one line.
    pub summary: &'static str,
    /// What one must be allowed; nobody needs anything where absent.
    pub needs: Option<&'static str>,
    /// Query parameters.
    pub query: &'static [Param],
    /// Variables of the path that take one of a few values.
    pub path_values: &'static [(&'static str, &'static [&'static str])],
    /// Content type and shape of the body.
    pub body: Option<(&'static str, &'static str)>,
    /// Whether the body must be there.
    pub body_required: bool,
    /// Whether a change is made against a version.
    pub versioned: bool,
    /// Status when all is well.
    pub status: &'static str,
    /// What is answered then.
    pub answer: Answer,
}

pub(super) const fn p(name: &'static str, kind: Kind) -> Param {
    Param {
        name,
        kind,
        required: false,
    }
}

pub(super) const fn must(name: &'static str, kind: Kind) -> Param {
    Param {
        name,
        kind,
        required: true,
    }
}

pub(super) const fn op(
    method: &'static str,
    path: &'static str,
    summary: &'static str,
    needs: &'static str,
    answer: Answer,
) -> Operation {
    Operation {
        method,
        path,
        summary,
        needs: Some(needs),
        query: &[],
        path_values: &[],
        body: None,
        body_required: true,
        versioned: false,
        status: "200",
        answer,
    }
}

impl Operation {
    pub(super) const fn open(mut self) -> Self {
        self.needs = None;
        self
    }
    pub(super) const fn query(mut self, query: &'static [Param]) -> Self {
        self.query = query;
        self
    }
    pub(super) const fn values(
        mut self,
        values: &'static [(&'static str, &'static [&'static str])],
    ) -> Self {
        self.path_values = values;
        self
    }
    pub(super) const fn body(mut self, shape: &'static str) -> Self {
        self.body = Some(("application/json", shape));
        self
    }
    pub(super) const fn body_or_none(mut self, shape: &'static str) -> Self {
        self.body = Some(("application/json", shape));
        self.body_required = false;
        self
    }
    /// A body of this content type.
    pub(super) const fn text(mut self, kind: &'static str, shape: &'static str) -> Self {
        self.body = Some((kind, shape));
        self
    }
    pub(super) const fn versioned(mut self) -> Self {
        self.versioned = true;
        self
    }
    pub(super) const fn status(mut self, status: &'static str) -> Self {
        self.status = status;
        self
    }
}
