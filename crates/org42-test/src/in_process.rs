//! A tenant within the process, and the SDK's way to it.

use bytes::Bytes;
use http::{Request, Response};
use org42::{Client, ClientBuilder, LocalAccount, ResponseBody, Transport, TransportError};
use org42_authority::{
    Authority, AuthorityService, DEFAULT_ADMIN, Options, PasswordCost, START_PASSWORD, Sample,
};

/// Carries the requests of a client to an authority of the same process.
#[derive(Clone, Debug)]
pub struct InProcess(pub AuthorityService);

impl Transport for InProcess {
    async fn send(
        &self,
        request: Request<Bytes>,
    ) -> Result<Response<ResponseBody>, TransportError> {
        let answer = self.0.answer(request).await;
        answer
            .map(|answer| answer.map(ResponseBody::new))
            .map_err(TransportError::fate_unknown)
    }
}

/// A tenant in memory, answered for within the process, whose administrator has a password.
#[derive(Clone, Debug)]
pub struct Tenant {
    authority: Authority,
    service: AuthorityService,
}

impl Tenant {
    /// Makes a tenant with a sample in it.
    #[must_use]
    pub fn new(sample: Sample) -> Self {
        let options = Options {
            password_cost: PasswordCost::Cheap,
            ..Options::default()
        };
        let authority = Authority::in_memory(sample, DEFAULT_ADMIN, options).unwrap();
        let set = authority.set_admin_password(DEFAULT_ADMIN, START_PASSWORD);
        set.unwrap();
        let service = authority.service();
        Self { authority, service }
    }

    /// The authority that answers for it.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The way to it.
    #[must_use]
    pub fn transport(&self) -> InProcess {
        InProcess(self.service.clone())
    }

    /// Begins to describe a client of it, without credentials.
    pub fn builder(&self) -> ClientBuilder {
        Client::builder("http://localhost").transport(self.transport())
    }

    /// The administrator.
    pub fn admin(&self) -> LocalAccount {
        LocalAccount::new(DEFAULT_ADMIN, START_PASSWORD)
    }

    /// Returns a client of its administrator.
    #[must_use]
    pub fn client(&self) -> Client {
        self.builder().local_account(self.admin()).build().unwrap()
    }
}
