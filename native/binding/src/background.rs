//! Work that waits for a disk, or takes long, on a thread of libuv's pool: the calling thread goes on, and gets a promise.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use napi::bindgen_prelude::{AsyncTask, ToNapiValue, TypeName};
use napi::{Env, Task};

type Work<T> = Box<dyn FnOnce() -> napi::Result<T> + Send>;

/// Work whose outcome settles a promise. As with calls that block, a panic is an error like any other.
pub struct Background<T>(Option<Work<T>>);

/// Starts `work`.
pub fn in_background<T>(work: impl FnOnce() -> napi::Result<T> + Send + 'static) -> AsyncTask<Background<T>>
where
    T: ToNapiValue + TypeName + Send + 'static,
{
    AsyncTask::new(Background(Some(Box::new(work))))
}

impl<T: ToNapiValue + TypeName + Send + 'static> Task for Background<T> {
    type Output = T;
    type JsValue = T;

    fn compute(&mut self) -> napi::Result<T> {
        let work = self
            .0
            .take()
            .ok_or_else(|| napi::Error::from_reason("the work was done before"))?;
        catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(napi::Error::from_reason(text_of(&*panic))))
    }

    fn resolve(&mut self, _env: Env, output: T) -> napi::Result<T> {
        Ok(output)
    }
}

fn text_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("it panicked")
}
