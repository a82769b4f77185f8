//! Declares blocking forms beside the async methods that they wait for, in whichever room those are.

/// Implements each method by waiting for the async one of its name.
///
/// `impl blocking::X` stands for the blocking form of this crate's `X`: a struct in a module `blocking` that is in scope,
/// with the async value in its field `inner` and a [`Runtime`](super::runtime::Runtime) in `runtime`.
macro_rules! forms {
    (impl blocking::$of:ident {
        $(pub fn $name:ident(&self $(, $argument:ident: $type:ty)* $(,)?) -> $answer:ty;)*
    }) => {
        impl blocking::$of {$(
            #[doc = concat!(
                "Calls [`org42::", stringify!($of), "::", stringify!($name), "`]",
                "(crate::", stringify!($of), "::", stringify!($name), ") and blocks until it has answered."
            )]
            ///
            /// # Errors
            ///
            /// Those of the async method, and [`is_invalid_input`](crate::Error::is_invalid_input) within async code.
            pub fn $name(&self $(, $argument: $type)*) -> $answer {
                self.runtime.wait(self.inner.$name($($argument),*))
            }
        )*}
    };
}
pub(crate) use forms;
